#include "remote/smtp_connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/wipe.h"
#include "proto/smtp_client.h"
#include "sys/clock.h"

namespace reqmail::remote {

namespace {

constexpr std::size_t kReplyBuffer = 4096;
constexpr int kGreeting = 220;
constexpr int kOk = 250;
constexpr int kClosing = 421;
constexpr int kFirstRefusal = 400;
// The server has hung up, so nothing more is on its way.
constexpr std::chrono::milliseconds kLastWordsTime(200);

proto::SmtpClientSettings machine_settings(const SmtpConnectionSettings& settings) {
  proto::SmtpClientSettings made;
  made.hello = settings.hello;
  made.plain_hello = settings.plain_hello;
  made.secure = settings.begin != SmtpBegin::connected;
  made.starttls = settings.starttls;
  made.tls_required = settings.tls_required;
  made.login = settings.login;
  made.login_in_clear = settings.login_in_clear;
  return made;
}

}  // namespace

SmtpConnection::SmtpConnection(SmtpConnectionSettings settings, sys::Connection& clear,
                               tls::StartTls& start_tls)
    : settings_(std::move(settings)),
      connection_(&clear),
      start_tls_(&start_tls),
      machine_(machine_settings(settings_)) {}

SmtpConnection::~SmtpConnection() {
  if (tls_) {
    tls_->close();
  }
}

// Nothing is mailed without what only the answer to EHLO can offer.
bool SmtpConnection::needs_extensions() const {
  return settings_.login != nullptr ||
         (settings_.tls_required && settings_.begin != SmtpBegin::connected_for_tls);
}

// Whether nobody but we asked for TLS.
SmtpRetry SmtpConnection::clear_may_do() const {
  const bool may_do = settings_.begin != SmtpBegin::connected_for_tls &&
                      !settings_.tls_required && settings_.login == nullptr;
  return may_do ? SmtpRetry::in_clear : SmtpRetry::none;
}

void SmtpConnection::await_reply(base::Seconds reply_time) {
  connection_->stop_at(
      std::min({sys::monotonic() + reply_time, limits_.session_end, limits_.end}));
}

void SmtpConnection::await_verdict(base::Seconds reply_time) {
  const auto end =
      std::max<std::chrono::milliseconds>(sys::monotonic() + reply_time, limits_.session_end);
  connection_->stop_at(std::min(end, limits_.end));
}

std::optional<proto::SmtpReply> SmtpConnection::read_reply() {
  buffer_.resize(kReplyBuffer);
  for (;;) {
    switch (parser_.feed(unread_)) {
    case proto::SmtpReplyParser::State::complete: {
      unanswered_in_tls_ = false;
      auto reply = parser_.take();
      usable_ = usable_ && reply.code != kClosing;
      return reply;
    }
    case proto::SmtpReplyParser::State::too_long:
      usable_ = false;
      return std::nullopt;
    case proto::SmtpReplyParser::State::more:
      break;
    }
    const auto count = connection_->read(buffer_.data(), buffer_.size());
    if (!count || *count == 0) {
      hung_up_ = count || count.error().error != ETIMEDOUT;
      usable_ = false;
      return std::nullopt;
    }
    unread_ = std::string_view(buffer_).substr(0, *count);
  }
}

bool SmtpConnection::say(std::string_view command, base::Seconds reply_time) {
  return write(command, reply_time);
}

bool SmtpConnection::write(std::string_view bytes, base::Seconds time) {
  await_reply(time);
  const auto written = connection_->write(bytes);
  if (!written) {
    hung_up_ = written.error().error != ETIMEDOUT;
    usable_ = false;
  }
  return written.has_value();
}

bool SmtpConnection::send(std::string_view piece) {
  return write(piece, proto::kPieceTime);
}

std::optional<SmtpConnectionFailure> SmtpConnection::say(Step& step) {
  const bool said = say(step.send, proto::kReplyTime);
  if (step.secret) {
    base::wipe(step.send);
  }
  return said ? std::nullopt : std::optional(broken());
}

std::string SmtpConnection::last_words() {
  if (!hung_up_) {
    return {};
  }
  // What has come already can still be read.
  connection_->stop_at(sys::monotonic() + kLastWordsTime);
  auto reply = read_reply();
  hung_up_ = true;
  if (!reply) {
    reply = parser_.take();
  }
  return reply->last_code < kFirstRefusal ? std::string()
                                          : proto::shown_reply(*reply, settings_.login);
}

SmtpConnectionFailure SmtpConnection::broken() {
  SmtpConnectionFailure failure;
  failure.last_words = last_words();
  // Some servers hang up where others say that they have no TLS today. And in TLS 1.3 a server
  // that wants a certificate says so when the handshake is over for us.
  if (machine_.waits_for_tls() || unanswered_in_tls_) {
    failure.retry = clear_may_do();
  }
  if (failure.retry == SmtpRetry::none && hung_up_ && machine_.dislikes_ehlo() &&
      !needs_extensions()) {
    failure.retry = SmtpRetry::plain_hello;
  }
  return failure;
}

SmtpConnectionFailure SmtpConnection::close(const Step& step) {
  // The outcome is what it is, whatever becomes of the farewell.
  (void)connection_->write(step.send).has_value();
  SmtpConnectionFailure failure;
  failure.ending = machine_.outcome();
  if (failure.ending->stage == proto::SmtpStage::starttls) {
    failure.retry = clear_may_do();
  }
  return failure;
}

std::optional<SmtpConnectionFailure> SmtpConnection::begin_tls() {
  auto made = start_tls_->begin(settings_.tls, *connection_);
  if (!made) {
    return SmtpConnectionFailure{std::nullopt, made.error(), {}, clear_may_do()};
  }
  tls_ = std::move(made->connection);
  connection_ = tls_.get();
  unanswered_in_tls_ = true;
  // Whatever came in clear after the last reply may be anybody's.
  unread_ = {};
  parser_ = proto::SmtpReplyParser();
  return std::nullopt;
}

std::optional<SmtpConnectionFailure> SmtpConnection::perform(Step step) {
  for (;;) {
    switch (step.next) {
    case proto::SmtpClientConnection::Next::reply:
      return say(step);
    case proto::SmtpClientConnection::Next::tls:
      if (auto failure = begin_tls()) {
        return failure;
      }
      step = machine_.on_tls();
      break;
    case proto::SmtpClientConnection::Next::ready:
      ready_ = true;
      return std::nullopt;
    case proto::SmtpClientConnection::Next::close:
      return close(step);
    }
  }
}

std::optional<SmtpConnectionFailure> SmtpConnection::begin() {
  if (settings_.begin == SmtpBegin::starttls_accepted) {
    return perform({{}, proto::SmtpClientConnection::Next::tls, false});
  }
  if (settings_.begin == SmtpBegin::connected_for_tls) {
    if (auto failure = begin_tls()) {
      return failure;
    }
  }
  await_reply(proto::kReplyTime);
  return std::nullopt;
}

std::optional<SmtpConnectionFailure> SmtpConnection::open(const SmtpLimits& limits) {
  limits_ = limits;
  auto failure = begin();
  bool greets = settings_.begin != SmtpBegin::starttls_accepted;
  while (!failure && !ready_) {
    const auto reply = read_reply();
    if (std::exchange(greets, false) && reply && reply->code == kGreeting &&
        settings_.greeted) {
      settings_.greeted();
    }
    failure = reply ? perform(machine_.on_reply(*reply)) : broken();
  }
  usable_ = !failure;
  return failure;
}

bool SmtpConnection::prepare(const SmtpLimits& limits) {
  limits_ = limits;
  if (usable_ && std::exchange(needs_reset_, false)) {
    const auto reply = say("RSET\r\n", proto::kReplyTime) ? read_reply() : std::nullopt;
    usable_ = usable_ && reply && reply->code == kOk;
  }
  return usable_;
}

void SmtpConnection::outlive_opening() {
  start_tls_ = nullptr;
  settings_.tls = {};
  settings_.greeted = {};
}

void SmtpConnection::quit() {
  if (!spoiled_) {
    (void)connection_->write("QUIT\r\n").has_value();
  }
}

}  // namespace reqmail::remote
