#include "remote/session.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/overwrite.h"
#include "proto/smtp_client.h"
#include "proto/smtp_data_out.h"
#include "proto/smtp_reply.h"
#include "remote/message_facts.h"
#include "remote/recipient_report.h"
#include "sys/clock.h"
#include "sys/stream.h"

namespace reqmail::remote {

namespace {

// The message is read, converted and sent in pieces of about this size.
constexpr std::size_t kPiece = 65536;
constexpr std::size_t kReplyBuffer = 4096;

proto::SmtpErrand errand_of(const Request& request) {
  proto::SmtpErrand errand;
  errand.hello = request.hello;
  errand.sender = request.sender;
  errand.recipients = request.recipients;
  errand.plain_hello = request.plain_hello;
  errand.secure = request.begin != Request::Begin::connected;
  errand.starttls = request.starttls;
  errand.tls_required = request.trusted.has_value();
  errand.login = request.login;
  errand.login_in_clear = request.login_in_clear;
  return errand;
}

SessionEnd::Retry in_clear_if(bool may_do) {
  return may_do ? SessionEnd::Retry::in_clear : SessionEnd::Retry::none;
}

class Session {
 public:
  Session(const Request& request, sys::Connection& connection, const StartTls& start_tls)
      : request_(request),
        connection_(&connection),
        start_tls_(start_tls),
        client_(errand_of(request)) {}

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session(Session&&) = delete;
  Session& operator=(Session&&) = delete;

  ~Session() {
    if (tls_) {
      tls_->close();
    }
  }

  SessionEnd run();

 private:
  using Step = proto::SmtpClient::Step;

  // Nothing where the connection broke or the reply is beyond all limits.
  std::optional<proto::SmtpReply> read_reply();

  // The time for the next reply, and for what asks for it, begins.
  void await_reply();
  void await_piece();

  // Each: how the session ended, where it cannot go on.
  std::optional<SessionEnd> begin_tls();
  std::optional<SessionEnd> perform(Step step);
  std::optional<SessionEnd> send_message();
  std::optional<SessionEnd> say(Step& step);

  SessionEnd close(const Step& step);

  [[nodiscard]] SessionEnd with_recipients(const std::string& report) const {
    return {recipient_reports(client_.recipients(), request_.peer) + report,
            SessionEnd::Retry::none};
  }

  [[nodiscard]] SessionEnd broken() const {
    auto end = with_recipients(broken_report(request_.peer, dot_sent_));
    // Some servers hang up where others say that they have no TLS today. And in TLS 1.3 a
    // server that wants a certificate says so when the handshake is over for us.
    if ((client_.waits_for_tls() || unanswered_in_tls_) && clear_may_do()) {
      end.retry = SessionEnd::Retry::in_clear;
    } else if (hung_up_ && client_.dislikes_ehlo() && !needs_extensions()) {
      end.retry = SessionEnd::Retry::plain_hello;
    }
    return end;
  }

  // Nothing is mailed without what only the answer to EHLO can offer.
  [[nodiscard]] bool needs_extensions() const {
    return request_.login != nullptr ||
           (request_.trusted && request_.begin != Request::Begin::connected_for_tls);
  }

  // Nobody asked for TLS but we.
  [[nodiscard]] bool clear_may_do() const {
    return request_.begin != Request::Begin::connected_for_tls && !request_.trusted &&
           request_.login == nullptr;
  }

  const Request& request_;
  sys::Connection* connection_;
  const StartTls& start_tls_;
  std::unique_ptr<sys::Connection> tls_;
  proto::SmtpClient client_;
  proto::SmtpReplyParser parser_;
  std::string buffer_;
  std::string_view unread_;
  // TLS has begun, and the server has said nothing in it yet.
  bool unanswered_in_tls_ = false;
  bool dot_sent_ = false;
  // The connection ended otherwise than by our patience.
  bool hung_up_ = false;
};

std::optional<proto::SmtpReply> Session::read_reply() {
  buffer_.resize(kReplyBuffer);
  for (;;) {
    switch (parser_.feed(unread_)) {
    case proto::SmtpReplyParser::State::complete:
      unanswered_in_tls_ = false;
      return parser_.take();
    case proto::SmtpReplyParser::State::too_long:
      return std::nullopt;
    case proto::SmtpReplyParser::State::more:
      break;
    }
    const auto count = connection_->read(buffer_.data(), buffer_.size());
    if (!count || *count == 0) {
      hung_up_ = count || count.error().error != ETIMEDOUT;
      return std::nullopt;
    }
    unread_ = std::string_view(buffer_).substr(0, *count);
  }
}

void Session::await_reply() {
  auto end = sys::monotonic() + client_.reply_time();
  // Some of the message may still be on its way.
  end = client_.waits_for_verdict() ? std::max(end, request_.session_end)
                                    : std::min(end, request_.session_end);
  connection_->stop_at(std::min(end, request_.end));
}

void Session::await_piece() {
  connection_->stop_at(
      std::min({sys::monotonic() + proto::kPieceTime, request_.session_end, request_.end}));
}

std::optional<SessionEnd> Session::send_message() {
  std::string piece(kPiece, '\0');
  std::string out;
  // Room for a piece with a line end added to every other byte would be waste; this fits most.
  out.reserve(kPiece + kPiece / 8);
  proto::SmtpDataEncoder encoder;
  for (;;) {
    const auto count = sys::read_some(request_.message, piece.data(), piece.size());
    if (!count) {
      return with_recipients(failure_report(temporary("Unable to read message. (#4.3.0)")));
    }
    if (*count == 0) {
      break;
    }
    if (out.size() >= kPiece) {
      await_piece();
      if (!connection_->write(out)) {
        return broken();
      }
      out.clear();
    }
    encoder.encode(std::string_view(piece).substr(0, *count), out);
  }
  if (!encoder.finish(out)) {
    return with_recipients(failure_report(
        permanent("SMTP cannot transfer messages with partial final lines. (#5.6.2)")));
  }
  dot_sent_ = true;
  await_piece();
  if (!connection_->write(out)) {
    return broken();
  }
  await_reply();
  return std::nullopt;
}

std::optional<SessionEnd> Session::begin_tls() {
  auto made = start_tls_();
  if (!made) {
    return SessionEnd{tls_report(made.error(), request_.peer), in_clear_if(clear_may_do())};
  }
  tls_ = std::move(*made);
  connection_ = tls_.get();
  unanswered_in_tls_ = true;
  // Whatever came in clear behind the last reply may be anybody's.
  unread_ = {};
  parser_ = proto::SmtpReplyParser();
  return std::nullopt;
}

std::optional<SessionEnd> Session::say(Step& step) {
  await_reply();
  const auto written = connection_->write(step.send);
  if (step.secret) {
    base::forget(step.send);
  }
  if (!written) {
    hung_up_ = written.error().error != ETIMEDOUT;
    return broken();
  }
  return std::nullopt;
}

SessionEnd Session::close(const Step& step) {
  // The verdict stands, whatever becomes of the farewell.
  (void)connection_->write(step.send).has_value();
  const proto::SmtpEnding& outcome = client_.outcome();
  auto end = with_recipients(
      outcome_report(outcome, request_.peer, request_.trusted.value_or(std::string())));
  end.retry = in_clear_if(outcome.stage == proto::SmtpStage::starttls && clear_may_do());
  return end;
}

std::optional<SessionEnd> Session::perform(Step step) {
  for (;;) {
    switch (step.next) {
    case proto::SmtpClient::Next::reply:
      return say(step);
    case proto::SmtpClient::Next::tls:
      if (auto end = begin_tls()) {
        return end;
      }
      step = client_.on_tls();
      break;
    case proto::SmtpClient::Next::facts:
      step = client_.on_message_facts(look_at_message(request_.message));
      break;
    case proto::SmtpClient::Next::message:
      return send_message();
    case proto::SmtpClient::Next::close:
      return close(step);
    }
  }
}

SessionEnd Session::run() {
  std::optional<SessionEnd> end;
  if (request_.begin == Request::Begin::connected_for_tls) {
    end = begin_tls();
  }
  if (request_.begin == Request::Begin::starttls_accepted) {
    end = perform({{}, proto::SmtpClient::Next::tls, false});
  } else {
    await_reply();
  }
  while (!end) {
    const auto reply = read_reply();
    end = reply ? perform(client_.on_reply(*reply)) : broken();
  }
  return *std::move(end);
}

}  // namespace

SessionEnd deliver(const Request& request, sys::Connection& connection,
                   const StartTls& start_tls) {
  return Session(request, connection, start_tls).run();
}

}  // namespace reqmail::remote
