#include "remote/session.h"

#include <optional>

#include "proto/smtp_client.h"
#include "proto/smtp_data_out.h"
#include "proto/smtp_reply.h"
#include "remote/recipient_report.h"
#include "sys/stream.h"

namespace reqmail::remote {

namespace {

// The message is read, converted and sent in pieces of about this size.
constexpr std::size_t kPiece = 65536;
constexpr std::size_t kReplyBuffer = 4096;

class Session {
 public:
  Session(const Request& request, net::Connection& connection)
      : request_(request),
        connection_(connection),
        client_(request.hello, request.sender, request.recipients) {}

  std::string run();

 private:
  // Nothing where the connection broke or the reply is beyond all limits.
  std::optional<proto::SmtpReply> read_reply();

  // A report where the session cannot go on.
  std::optional<std::string> send_message();

  [[nodiscard]] std::string with_recipients(const std::string& report) const {
    return recipient_reports(client_.recipients(), request_.peer) + report;
  }

  [[nodiscard]] std::string broken() const {
    return with_recipients(broken_report(request_.peer, dot_sent_));
  }

  const Request& request_;
  net::Connection& connection_;
  proto::SmtpClient client_;
  proto::SmtpReplyParser parser_;
  std::string buffer_;
  std::string_view unread_;
  bool dot_sent_ = false;
};

std::optional<proto::SmtpReply> Session::read_reply() {
  buffer_.resize(kReplyBuffer);
  for (;;) {
    switch (parser_.feed(unread_)) {
    case proto::SmtpReplyParser::State::complete:
      return parser_.take();
    case proto::SmtpReplyParser::State::too_long:
      return std::nullopt;
    case proto::SmtpReplyParser::State::more:
      break;
    }
    const auto count = connection_.read(buffer_.data(), buffer_.size());
    if (!count || *count == 0) {
      return std::nullopt;
    }
    unread_ = std::string_view(buffer_).substr(0, *count);
  }
}

std::optional<std::string> Session::send_message() {
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
      if (!connection_.write(out)) {
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
  if (!connection_.write(out)) {
    return broken();
  }
  return std::nullopt;
}

std::string Session::run() {
  for (;;) {
    const auto reply = read_reply();
    if (!reply) {
      return broken();
    }
    const proto::SmtpClient::Step step = client_.on_reply(*reply);
    switch (step.next) {
    case proto::SmtpClient::Next::reply:
      if (!connection_.write(step.send)) {
        return broken();
      }
      break;
    case proto::SmtpClient::Next::message:
      if (auto report = send_message()) {
        return *std::move(report);
      }
      break;
    case proto::SmtpClient::Next::close:
      // The verdict stands, whatever becomes of the farewell.
      (void)connection_.write(step.send).has_value();
      return with_recipients(outcome_report(client_.outcome(), request_.peer));
    }
  }
}

}  // namespace

std::string deliver(const Request& request, net::Connection& connection) {
  return Session(request, connection).run();
}

}  // namespace reqmail::remote
