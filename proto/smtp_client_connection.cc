#include "proto/smtp_client_connection.h"

#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "base/wipe.h"
#include "mail/verdict_codec.h"

namespace reqmail::proto {

namespace {

constexpr int kServiceReady = 220;
constexpr int kOk = 250;
constexpr int kLoggedIn = 235;
constexpr int kChallenge = 334;
constexpr int kClosing = 421;
constexpr int kFirstRefusal = 400;

// Some servers say who they are in the first lines of the greeting and refuse in the last one.
bool greets(const SmtpReply& reply) {
  return reply.code == kServiceReady && reply.last_code < kFirstRefusal;
}

// Returns the text after the code of a reply's first line.
std::string_view text_of(const SmtpReply& reply) {
  constexpr std::size_t kPrefix = 4;
  const auto lines = base::lines(reply.text);
  if (lines.empty() || lines.front().size() < kPrefix) {
    return {};
  }
  return base::trim_end(base::trim_start(lines.front().substr(kPrefix)));
}

}  // namespace

SmtpClientConnection::SmtpClientConnection(SmtpClientSettings settings)
    : settings_(std::move(settings)) {}

SmtpClientConnection::Step SmtpClientConnection::command(State state, std::string line) {
  state_ = state;
  line.append("\r\n");
  return Step{std::move(line), Next::reply, false};
}

SmtpClientConnection::Step SmtpClientConnection::secret(std::string line) {
  // The room is reserved first, since a reallocation would leave a copy that nobody overwrites.
  Step step{{}, Next::reply, true};
  step.send.reserve(line.size() + 2);
  step.send.append(line).append("\r\n");
  base::wipe(line);
  state_ = State::login;
  return step;
}

SmtpClientConnection::Step SmtpClientConnection::stop(SmtpStage stage, const SmtpReply& reply) {
  outcome_ = SmtpEnding{stage, mail::Grade::temporary, shown_reply(reply, settings_.login), {}};
  return Step{"QUIT\r\n", Next::close, false};
}

SmtpClientConnection::Step SmtpClientConnection::ready() {
  state_ = State::ready;
  return Step{{}, Next::ready, false};
}

SmtpClientConnection::Step SmtpClientConnection::say_hello() {
  return settings_.plain_hello ? command(State::helo, "HELO " + settings_.hello)
                               : command(State::ehlo, "EHLO " + settings_.hello);
}

SmtpClientConnection::Step SmtpClientConnection::on_hello(const SmtpReply& reply) {
  if (reply.code == kOk) {
    if (state_ == State::ehlo) {
      extensions_ = parse_extensions(reply.text);
    }
    if (!settings_.secure && settings_.starttls && extensions_.starttls) {
      return command(State::starttls, "STARTTLS");
    }
    return go_on({});
  }
  // A permanent refusal of EHLO means that the server may know HELO only.
  if (state_ == State::ehlo && mail::smtp_grade(reply.code) == mail::Grade::permanent) {
    return command(State::helo, "HELO " + settings_.hello);
  }
  return stop(SmtpStage::hello, reply);
}

SmtpClientConnection::Step SmtpClientConnection::on_starttls(const SmtpReply& reply) {
  if (reply.code == kServiceReady) {
    return Step{{}, Next::tls, false};
  }
  // A server closes the connection after 421, so there is no use in going on in clear.
  if (settings_.tls_required || (reply.code == kClosing && settings_.login == nullptr)) {
    return stop(SmtpStage::starttls, reply);
  }
  return go_on(reply);
}

SmtpClientConnection::Step SmtpClientConnection::on_tls() {
  settings_.secure = true;
  extensions_ = {};
  return say_hello();
}

SmtpClientConnection::Step SmtpClientConnection::go_on(const SmtpReply& refusal) {
  if (settings_.tls_required && !settings_.secure) {
    return stop(SmtpStage::no_tls, {});
  }
  if (settings_.login == nullptr) {
    return ready();
  }
  if (!settings_.secure && !settings_.login_in_clear) {
    return stop(SmtpStage::login_needs_tls, refusal);
  }
  if (!extensions_.login) {
    return stop(SmtpStage::no_login, {});
  }
  login_.emplace(*extensions_.login, *settings_.login);
  return secret(login_->command());
}

SmtpClientConnection::Step SmtpClientConnection::on_login(const SmtpReply& reply) {
  if (reply.code == kLoggedIn) {
    return ready();
  }
  if (reply.code == kChallenge) {
    if (auto answer = login_->answer(text_of(reply))) {
      return secret(std::move(*answer));
    }
    Step step = login_refused(reply);
    // The server awaits a response, so "*" cancels the exchange before QUIT.
    step.send.insert(0, "*\r\n");
    return step;
  }
  return login_refused(reply);
}

SmtpClientConnection::Step SmtpClientConnection::login_refused(const SmtpReply& reply) {
  Step step = stop(SmtpStage::login, reply);
  outcome_.mechanism = login_->name();
  return step;
}

SmtpClientConnection::Step SmtpClientConnection::on_reply(const SmtpReply& reply) {
  switch (state_) {
  case State::greeting:
    return greets(reply) ? say_hello() : stop(SmtpStage::greeting, reply);
  case State::ehlo:
  case State::helo:
    return on_hello(reply);
  case State::starttls:
    return on_starttls(reply);
  case State::login:
    return on_login(reply);
  case State::ready:
    break;
  }
  return ready();
}

}  // namespace reqmail::proto
