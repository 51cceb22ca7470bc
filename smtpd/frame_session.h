// The common part of the servers of QMTP and QMQP: it reads frames, gives messages to a queue
// program and returns verdicts. The two derived classes define what each frame means.
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

// A session may last an hour at most.
inline constexpr base::Seconds kFrameSessionMax(3600);

// How a session ended: 0 if the client finished or hung up; 100 if the client sent something
// that is not a frame; 111 if there was no queue program or no memory, if a length was absurd,
// if a control file was damaged or if the client was too slow.
struct FrameExit {
  static constexpr int kDone = 0;
  static constexpr int kMalformed = base::kExitPermanent;
  static constexpr int kTrouble = base::kExitTemporary;
};

// A connected client. It must keep up `rate` within each package and may be idle for the slack
// of `rate` between two packages. Everything that is referred to must outlive the session.
struct FrameClient {
  proto::MailFrameParser::Protocol protocol;
  const mail::NetworkPeer& peer;
  sys::Reader& input;
  sys::Writer& output;
  const sys::LeastRate& rate;
};

class FrameSession {
 public:
  // A `databytes` of 0 means that there is no limit.
  FrameSession(const FrameClient& client, std::uint64_t databytes)
      : client_(client), parser_(client.protocol), databytes_(databytes) {}

  FrameSession(const FrameSession&) = delete;
  FrameSession& operator=(const FrameSession&) = delete;
  virtual ~FrameSession() = default;

  // Serves the client until it ends or until one of the functions below returns an exit code,
  // and returns the exit code. The verdicts are sent together, before more input is read and
  // however the session ends.
  int run();

 protected:
  // Each of these may end the session by returning an exit code.
  virtual std::optional<int> sender(std::string_view address, bool unfit) = 0;
  virtual std::optional<int> recipient(std::string_view address, bool unfit) = 0;
  virtual std::optional<int> package_end() = 0;

  // Returns the message being received; valid from its first byte to the end of the package.
  MessageWay& message() { return *message_; }

  // Ends the message and returns its verdict: "K", "Z" or "D", followed by the text for the
  // client.
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
