// Servers of QMTP and QMQP: messages from the client at the other end, into the queue, verdicts
// back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "mail/received.h"
#include "smtpd/rcpthosts.h"
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

struct QmtpdConfig {
  RcptHosts rcpthosts;
  std::uint64_t databytes = 0;  // 0: no limit
  // RELAYCLIENT: every recipient is taken, with this behind its address.
  std::optional<std::string> relay_suffix;
};

// control/rcpthosts, morercpthosts.cdb, databytes of the current directory, which is qmail's
// home; DATABYTES and RELAYCLIENT. control/me means nothing here, but must not be unreadable.
Result<QmtpdConfig> load_qmtpd_config();

// Packages until the client ends; the answers go out together, before more is read and however
// the session ends. The client has to keep up `rate` in each package, and may pause for its
// slack between two.
int serve_qmtp(QmtpdConfig config, const mail::NetworkPeer& peer, sys::Reader& input,
               sys::Writer& output, const sys::LeastRate& rate = {});

// One message.
int serve_qmqp(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
               const sys::LeastRate& rate = {});

}  // namespace reqmail::smtpd
