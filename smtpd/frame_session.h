// Servers of QMTP and QMQP: messages from the client at the other end, into the queue, verdicts
// back.
#pragma once

#include "mail/received.h"
#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// A session may last an hour.
inline constexpr base::Seconds kFrameSessionMax(3600);

// How a session ended: the client did, or hung up (0); what it sent is no frame (100); no queue
// program, no memory, absurd lengths, damaged control files, a client that was too slow (111).
struct FrameExit {
  static constexpr int kDone = 0;
  static constexpr int kMalformed = 100;
  static constexpr int kTrouble = 111;
};

// Packages until the client ends; the answers go out together, before more is read and however
// the session ends. The client has to keep up `rate` in each package, and may pause for its
// slack between two.
int serve_qmtp(const QmtpdFiles& files, const ClientEnvironment& client, sys::Reader& input,
               sys::Writer& output, const sys::LeastRate& rate = {});

// One message.
int serve_qmqp(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
               const sys::LeastRate& rate = {});

}  // namespace reqmail::smtpd
