// The server of QMQP: one message from the client at the other end into the queue, one verdict
// back.
#pragma once

#include "mail/received.h"
#include "smtpd/frame_session.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// Returns the exit code.
int serve_qmqp(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
               const sys::LeastRate& rate = {});

}  // namespace reqmail::smtpd
