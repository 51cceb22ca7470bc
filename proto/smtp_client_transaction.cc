#include "proto/smtp_client_transaction.h"

#include <algorithm>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/idna.h"
#include "mail/verdict_codec.h"

namespace reqmail::proto {

namespace {

constexpr int kClosing = 421;
constexpr int kStartMail = 354;
constexpr int kFirstIntermediate = 300;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kData = "DATA";

// Whether a local part needs no quotes with SMTPUTF8, where characters outside ASCII are like
// letters (RFC 6531 section 3.3).
bool is_utf8_dot_string(std::string_view local) {
  std::string letters(local);
  std::ranges::replace_if(
      letters, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, 'x');
  return mail::is_utf8(local) && mail::quote_local_part(letters) == letters;
}

bool is_success(int code) {
  return mail::smtp_grade(code) == mail::Grade::success;
}

// Whether the first and the last line of a reply say the same.
bool is_of_one_mind(const SmtpReply& reply) {
  return reply.code == reply.last_code;
}

}  // namespace

SmtpClientTransaction::SmtpClientTransaction(SmtpClientEnvelope envelope,
                                             const SmtpExtensions& extensions,
                                             const SaslLogin* login)
    : envelope_(std::move(envelope)), extensions_(extensions), login_(login) {}

bool SmtpClientTransaction::fit_to_server(bool eight_bit_header) {
  std::vector<std::string*> addresses = {&envelope_.sender};
  for (std::string& recipient : envelope_.recipients) {
    addresses.push_back(&recipient);
  }
  // They are found by the address of their recipient.
  for (mail::DsnRecipient& parameters : envelope_.dsn.recipients) {
    addresses.push_back(&parameters.address);
  }
  const bool is_ascii =
      !eight_bit_header && std::ranges::all_of(addresses, [](const std::string* address) {
        return mail::is_ascii(*address);
      });
  if (!envelope_.utf8 || is_ascii) {
    return true;
  }
  says_utf8_ = extensions_.smtputf8;
  if (says_utf8_ || eight_bit_header) {
    return says_utf8_;
  }
  return std::ranges::all_of(addresses, [](std::string* address) {
    auto converted = mail::address_in_a_labels(*address);
    if (!converted || !mail::is_ascii(*converted)) {
      return false;
    }
    *address = *std::move(converted);
    return true;
  });
}

std::string SmtpClientTransaction::in_command(std::string_view address) const {
  if (says_utf8_ && is_utf8_dot_string(mail::split_address(address).local)) {
    return std::string(address);
  }
  return mail::quote_address(address);
}

SmtpClientTransaction::Step SmtpClientTransaction::command(State state, std::string line) {
  state_ = state;
  line.append(kLineEnd);
  return Step{std::move(line), Next::reply};
}

SmtpClientTransaction::Step SmtpClientTransaction::stop(SmtpStage stage, mail::Grade verdict,
                                                        const SmtpReply& reply) {
  outcome_ = SmtpEnding{stage, verdict, shown_reply(reply, login_), {}};
  decided_ = true;
  return Step{{}, Next::done};
}

std::string SmtpClientTransaction::recipient_line(const std::string& recipient) const {
  const mail::DsnRecipient* dsn = passes_dsn() ? envelope_.dsn.find(recipient) : nullptr;
  return base::concat({"RCPT TO:<", in_command(recipient), ">",
                       dsn != nullptr ? mail::dsn_rcpt_parameters(*dsn) : ""});
}

SmtpClientTransaction::Step SmtpClientTransaction::next_recipient() {
  if (pipelines()) {
    state_ = State::rcpt;
    return Step{{}, Next::reply};
  }
  return command(State::rcpt, recipient_line(envelope_.recipients[answered_.size()]));
}

base::Seconds SmtpClientTransaction::reply_time() const {
  if (state_ == State::dot) {
    return kDotReplyTime;
  }
  return state_ == State::data ? kDataReplyTime : kReplyTime;
}

SmtpClientTransaction::Step SmtpClientTransaction::begin() {
  if (extensions_.size || extensions_.eight_bit || envelope_.utf8) {
    return Step{{}, Next::facts};
  }
  return on_message_facts(std::nullopt);
}

SmtpClientTransaction::Step SmtpClientTransaction::on_message_facts(
    const std::optional<MessageFacts>& facts) {
  if (!fit_to_server(facts && facts->eight_bit_header)) {
    return stop(SmtpStage::no_utf8, mail::Grade::permanent, {});
  }
  std::string line = base::concat({"MAIL FROM:<", in_command(envelope_.sender), ">"});
  if (facts && extensions_.size) {
    line += base::concat({" SIZE=", base::decimal(facts->size)});
  }
  if (facts && facts->eight_bit && extensions_.eight_bit) {
    line += " BODY=8BITMIME";
  }
  if (passes_dsn()) {
    line += mail::dsn_mail_parameters(envelope_.dsn);
  }
  if (says_utf8_) {
    line += " SMTPUTF8";
  }
  if (pipelines()) {
    for (const std::string& recipient : envelope_.recipients) {
      line.append(kLineEnd).append(recipient_line(recipient));
    }
  }
  if (pipelines_data()) {
    line.append(kLineEnd).append(kData);
  }
  return command(State::mail, std::move(line));
}

SmtpClientTransaction::Step SmtpClientTransaction::on_recipient(const SmtpReply& reply) {
  const mail::Grade verdict = mail::smtp_grade(reply.code);
  note_recipient(reply);
  if (verdict == mail::Grade::success) {
    any_accepted_ = true;
    answered_.push_back({});
  } else {
    answered_.push_back({verdict, shown_reply(reply, login_)});
  }
  if (answered_.size() < envelope_.recipients.size()) {
    return next_recipient();
  }
  if (!any_accepted_) {
    Step step = stop(SmtpStage::recipients, mail::Grade::permanent, {});
    return pipelines_data() ? skip_replies(1) : step;
  }
  if (pipelines_data()) {
    state_ = State::data;
    return Step{{}, Next::reply};
  }
  return command(State::data, std::string(kData));
}

SmtpClientTransaction::Step SmtpClientTransaction::on_sender(const SmtpReply& reply) {
  const mail::Grade verdict = mail::smtp_grade(reply.code);
  if (verdict == mail::Grade::success) {
    needs_reset_ = true;
    return next_recipient();
  }
  Step step = stop(SmtpStage::sender, verdict, reply);
  if (!pipelines() || reply.code == kClosing) {
    return step;
  }
  return skip_replies(envelope_.recipients.size() + (pipelines_data() ? 1 : 0));
}

// What was sent with the sender is answered too.
SmtpClientTransaction::Step SmtpClientTransaction::skip_replies(std::size_t count) {
  state_ = State::refused;
  to_skip_ = count;
  return Step{{}, Next::reply};
}

// What the server may have of the recipients, whatever it says of the sender.
void SmtpClientTransaction::note_recipient(const SmtpReply& reply) {
  may_have_recipient_ = may_have_recipient_ || is_success(reply.code) || !is_of_one_mind(reply);
}

SmtpClientTransaction::Step SmtpClientTransaction::on_skipped(const SmtpReply& reply) {
  if (--to_skip_ > 0) {
    note_recipient(reply);
    return Step{{}, Next::reply};
  }
  // Without DATA, the last one is that to a recipient.
  if (!pipelines_data() || (is_of_one_mind(reply) && !is_success(reply.code))) {
    return Step{{}, Next::done};
  }
  const bool is_safe =
      is_of_one_mind(reply) && reply.code == kStartMail && !may_have_recipient_;
  return is_safe ? command(State::empty, ".") : Step{{}, Next::out_of_step};
}

SmtpClientTransaction::Step SmtpClientTransaction::on_data(const SmtpReply& reply) {
  const bool in_step = !pipelines_data() || is_of_one_mind(reply);
  if (!is_success(reply.code)) {
    Step step = stop(SmtpStage::data, mail::smtp_grade(reply.code), reply);
    return in_step ? step : Step{{}, Next::out_of_step};
  }
  if (!in_step || (pipelines_data() && reply.code != kStartMail)) {
    return Step{{}, Next::out_of_step};
  }
  state_ = State::dot;
  return Step{{}, Next::message};
}

SmtpClientTransaction::Step SmtpClientTransaction::on_verdict(const SmtpReply& reply) {
  // The server has forgotten sender and recipients, whatever its verdict.
  needs_reset_ = false;
  const mail::Grade verdict = mail::smtp_grade(reply.code);
  const bool in_step =
      !pipelines_data() || !is_success(reply.code) || reply.code < kFirstIntermediate;
  Step step = stop(SmtpStage::message, in_step ? verdict : mail::Grade::temporary, reply);
  outcome_.dsn_passed_on = passes_dsn();
  return in_step ? step : Step{{}, Next::out_of_step};
}

SmtpClientTransaction::Step SmtpClientTransaction::on_reply(const SmtpReply& reply) {
  switch (state_) {
  case State::mail:
    return on_sender(reply);
  case State::rcpt:
    return on_recipient(reply);
  case State::refused:
    return on_skipped(reply);
  case State::data:
    return on_data(reply);
  case State::empty:
    return Step{{}, Next::done};
  case State::dot:
    break;
  }
  return on_verdict(reply);
}

}  // namespace reqmail::proto
