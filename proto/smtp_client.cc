#include "proto/smtp_client.h"

#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/overwrite.h"
#include "base/text.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

constexpr int kServiceReady = 220;
constexpr int kOk = 250;
constexpr int kLoggedIn = 235;
constexpr int kChallenge = 334;
constexpr int kClosing = 421;

// What follows the code of a reply's first line.
std::string_view text_of(const SmtpReply& reply) {
  constexpr std::size_t kPrefix = 4;
  const auto lines = base::lines(reply.text);
  if (lines.empty() || lines.front().size() < kPrefix) {
    return {};
  }
  return base::trim_end(base::trim_start(lines.front().substr(kPrefix)));
}

}  // namespace

bool can_be_sent(std::string_view address) {
  return address.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

SmtpClient::SmtpClient(SmtpErrand errand) : errand_(std::move(errand)) {}

SmtpClient::Step SmtpClient::command(State state, std::string line) {
  state_ = state;
  line.append("\r\n");
  return Step{std::move(line), Next::reply, false};
}

SmtpClient::Step SmtpClient::secret(std::string line) {
  // Without a second buffer that nobody would overwrite.
  Step step{{}, Next::reply, true};
  step.send.reserve(line.size() + 2);
  step.send.append(line).append("\r\n");
  base::forget(line);
  state_ = State::login;
  return step;
}

// Servers repeat in their replies what they were told.
std::string SmtpClient::shown(const SmtpReply& reply) const {
  return errand_.login == nullptr ? reply.text : hide_login(reply.text, *errand_.login);
}

SmtpClient::Step SmtpClient::stop(SmtpStage stage, ReplyClass verdict, const SmtpReply& reply) {
  outcome_ = SmtpEnding{stage, verdict, shown(reply), {}};
  return Step{"QUIT\r\n", Next::close, false};
}

SmtpClient::Step SmtpClient::next_recipient() {
  return command(
      State::rcpt,
      base::concat(
          {"RCPT TO:<", mail::quote_address(errand_.recipients[answered_.size()]), ">"}));
}

base::Seconds SmtpClient::reply_time() const {
  if (state_ == State::dot) {
    return kDotReplyTime;
  }
  return state_ == State::data ? kDataReplyTime : kReplyTime;
}

SmtpClient::Step SmtpClient::say_hello() {
  return errand_.plain_hello ? command(State::helo, "HELO " + errand_.hello)
                             : command(State::ehlo, "EHLO " + errand_.hello);
}

SmtpClient::Step SmtpClient::on_hello(const SmtpReply& reply) {
  if (reply.code == kOk) {
    if (state_ == State::ehlo) {
      abilities_ = parse_abilities(reply.text);
    }
    if (!errand_.secure && errand_.starttls && abilities_.starttls) {
      return command(State::starttls, "STARTTLS");
    }
    return go_on({});
  }
  // A server that knows no EHLO says so for good.
  if (state_ == State::ehlo && reply_class(reply.code) == ReplyClass::permanent) {
    return command(State::helo, "HELO " + errand_.hello);
  }
  return stop(SmtpStage::hello, ReplyClass::temporary, reply);
}

SmtpClient::Step SmtpClient::on_starttls(const SmtpReply& reply) {
  if (reply.code == kServiceReady) {
    return Step{{}, Next::tls, false};
  }
  // After 421 the server closes, whatever we say.
  if (errand_.tls_required || (reply.code == kClosing && errand_.login == nullptr)) {
    return stop(SmtpStage::starttls, ReplyClass::temporary, reply);
  }
  return go_on(reply);
}

SmtpClient::Step SmtpClient::on_tls() {
  errand_.secure = true;
  abilities_ = {};
  return say_hello();
}

SmtpClient::Step SmtpClient::go_on(const SmtpReply& refusal) {
  if (errand_.tls_required && !errand_.secure) {
    return stop(SmtpStage::no_tls, ReplyClass::temporary, {});
  }
  if (errand_.login == nullptr) {
    return begin_mail();
  }
  if (!errand_.secure && !errand_.login_in_clear) {
    return stop(SmtpStage::login_needs_tls, ReplyClass::temporary, refusal);
  }
  if (!abilities_.login) {
    return stop(SmtpStage::no_login, ReplyClass::temporary, {});
  }
  login_.emplace(*abilities_.login, *errand_.login);
  return secret(login_->command());
}

SmtpClient::Step SmtpClient::on_login(const SmtpReply& reply) {
  if (reply.code == kLoggedIn) {
    return begin_mail();
  }
  if (reply.code == kChallenge) {
    if (auto answer = login_->answer(text_of(reply))) {
      return secret(std::move(*answer));
    }
    Step step = login_refused(reply);
    // What comes next would be taken for an answer.
    step.send.insert(0, "*\r\n");
    return step;
  }
  return login_refused(reply);
}

SmtpClient::Step SmtpClient::login_refused(const SmtpReply& reply) {
  Step step = stop(SmtpStage::login, ReplyClass::temporary, reply);
  outcome_.mechanism = login_->name();
  return step;
}

SmtpClient::Step SmtpClient::begin_mail() {
  if (abilities_.size || abilities_.eight_bit) {
    return Step{{}, Next::facts, false};
  }
  return on_message_facts(std::nullopt);
}

SmtpClient::Step SmtpClient::on_message_facts(const std::optional<MessageFacts>& facts) {
  std::string line = base::concat({"MAIL FROM:<", mail::quote_address(errand_.sender), ">"});
  if (facts && abilities_.size) {
    line += base::concat({" SIZE=", base::decimal(facts->size)});
  }
  if (facts && facts->eight_bit && abilities_.eight_bit) {
    line += " BODY=8BITMIME";
  }
  return command(State::mail, std::move(line));
}

SmtpClient::Step SmtpClient::on_recipient(const SmtpReply& reply) {
  const ReplyClass verdict = reply_class(reply.code);
  if (verdict == ReplyClass::positive) {
    any_accepted_ = true;
    answered_.push_back({});
  } else {
    answered_.push_back({verdict, shown(reply)});
  }
  if (answered_.size() < errand_.recipients.size()) {
    return next_recipient();
  }
  if (!any_accepted_) {
    return stop(SmtpStage::recipients, ReplyClass::permanent, {});
  }
  return command(State::data, "DATA");
}

SmtpClient::Step SmtpClient::on_reply(const SmtpReply& reply) {
  const ReplyClass verdict = reply_class(reply.code);
  switch (state_) {
  case State::greeting:
    if (reply.code != kServiceReady) {
      return stop(SmtpStage::greeting, ReplyClass::temporary, reply);
    }
    return say_hello();
  case State::ehlo:
  case State::helo:
    return on_hello(reply);
  case State::starttls:
    return on_starttls(reply);
  case State::login:
    return on_login(reply);
  case State::mail:
    if (verdict != ReplyClass::positive) {
      return stop(SmtpStage::sender, verdict, reply);
    }
    return next_recipient();
  case State::rcpt:
    return on_recipient(reply);
  case State::data:
    if (verdict != ReplyClass::positive) {
      return stop(SmtpStage::data, verdict, reply);
    }
    state_ = State::dot;
    return Step{{}, Next::message, false};
  case State::dot:
    break;
  }
  return stop(SmtpStage::message, verdict, reply);
}

}  // namespace reqmail::proto
