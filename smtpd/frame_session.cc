#include "smtpd/frame_session.h"

#include <cerrno>
#include <utility>

#include "base/netstring.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/verdict_codec.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

namespace {

using proto::FrameEvent;

std::string_view protocol_name(proto::MailFrameParser::Protocol protocol) {
  return protocol == proto::MailFrameParser::Protocol::qmtp ? "QMTP" : "QMQP";
}

std::string accepted(pid_t queue) {
  const auto now = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  return mail::report(mail::Grade::success,
                      base::concat({"ok ", base::decimal(now), " qp ",
                                    base::decimal(static_cast<std::uint64_t>(queue))}));
}

}  // namespace

int FrameSession::run() {
  client_.input.before_read([this]() { return client_.output.flush(); });
  client_.input.limit_by(patience_);
  client_.output.limit_by(patience_);
  patience_.at_least(client_.rate);
  for (;;) {
    const auto bytes = client_.input.peek();
    if (!bytes && bytes.error().error == ETIMEDOUT) {
      return FrameExit::kTrouble;
    }
    if (!bytes || bytes->empty()) {
      return FrameExit::kDone;
    }
    std::string_view rest = *bytes;
    for (;;) {
      const FrameEvent event = parser_.next(rest);
      if (event.kind == FrameEvent::Kind::more) {
        break;
      }
      if (const auto code = handle(event)) {
        return end(*code);
      }
    }
    client_.input.consume(bytes->size());
  }
}

std::optional<int> FrameSession::handle(const FrameEvent& event) {
  switch (event.kind) {
  case FrameEvent::Kind::more:
    return std::nullopt;
  case FrameEvent::Kind::message_start:
    return message_start();
  case FrameEvent::Kind::message_bytes:
    message_->take(event.bytes);
    return std::nullopt;
  case FrameEvent::Kind::sender:
    return sender(event.bytes, event.unfit);
  case FrameEvent::Kind::recipient:
    return recipient(event.bytes, event.unfit);
  case FrameEvent::Kind::package_end:
    // The time that the queue program takes does not count against the client.
    patience_.at_least(client_.rate);
    return package_end();
  case FrameEvent::Kind::malformed:
    return FrameExit::kMalformed;
  case FrameEvent::Kind::too_large:
    break;
  }
  return FrameExit::kTrouble;
}

std::optional<int> FrameSession::message_start() {
  auto queue = submit::Injector::start();
  if (!queue) {
    return FrameExit::kTrouble;
  }
  message_.emplace(std::move(*queue), MessageWay::Hops::ignored, databytes_, patience_,
                   client_.rate);
  message_->trace(mail::network_received(client_.peer, std::nullopt,
                                         protocol_name(client_.protocol), sys::now()));
  return std::nullopt;
}

std::string FrameSession::finish() {
  const pid_t process = message_->queue().pid();
  const auto queued = message_->queue().finish();
  return queued ? accepted(process) : mail::report(queued.error());
}

void FrameSession::answer(std::string_view verdict) {
  netstring_.clear();
  base::append_netstring(netstring_, verdict);
  // The Writer keeps a write error and returns it at the next flush.
  (void)client_.output.put(netstring_).has_value();
}

// However the session ends, the client gets the verdicts on the packages that were complete.
int FrameSession::end(int code) {
  patience_.at_least(client_.rate);
  (void)client_.output.flush().has_value();
  return code;
}

}  // namespace reqmail::smtpd
