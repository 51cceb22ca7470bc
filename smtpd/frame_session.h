// What the servers of QMTP and QMQP have in common: frames in, messages into a queue program,
// verdicts out. Each of the two says what a frame means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/exit_code.h"
#include "base/time.h"
#include "mail/received.h"
#include "proto/mail_frames.h"
#include "smtpd/message_way.h"
#include "submit/injector.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// A session may last an hour.
inline constexpr base::Seconds kFrameSessionMax(3600);

// How a session ended: the client did, or hung up (0); what it sent is no frame (100); no queue
// program, no memory, absurd lengths, damaged control files, a client that was too slow (111).
struct FrameExit {
  static constexpr int kDone = 0;
  static constexpr int kMalformed = base::kExitPermanent;
  static constexpr int kTrouble = base::kExitTemporary;
};

// A connected client. It has to keep up `rate` in each package, and may pause for its slack
// between two. All but the protocol must outlive the session.
struct FrameClient {
  proto::MailFrameParser::Protocol protocol;
  const mail::NetworkPeer& peer;
  sys::Reader& input;
  sys::Writer& output;
  const sys::LeastRate& rate;
};

class FrameSession {
 public:
  // `databytes`: 0 is no limit.
  FrameSession(const FrameClient& client, std::uint64_t databytes)
      : client_(client), parser_(client.protocol), databytes_(databytes) {}

  FrameSession(const FrameSession&) = delete;
  FrameSession& operator=(const FrameSession&) = delete;
  virtual ~FrameSession() = default;

  // Until the client ends or an exit code is returned by what follows. The answers go out
  // together, before more is read and however the session ends.
  int run();

 protected:
  // Each may end the session with an exit code.
  virtual std::optional<int> sender(std::string_view address, bool unfit) = 0;
  virtual std::optional<int> recipient(std::string_view address, bool unfit) = 0;
  virtual std::optional<int> package_end() = 0;

  // The message under way, from its first byte to the end of the package.
  MessageWay& message() { return *message_; }

  // Ends the message: "K", "Z" or "D" with the text for the client.
  std::string finish();

  void answer(std::string_view verdict);

 private:
  std::optional<int> message_start();
  std::optional<int> handle(const proto::FrameEvent& event);
  int end(int code);

  FrameClient client_;
  proto::MailFrameParser parser_;
  std::uint64_t databytes_;
  sys::Patience patience_;
  std::optional<MessageWay> message_;
  std::string netstring_;
};

}  // namespace reqmail::smtpd
