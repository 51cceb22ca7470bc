// The server of QMQP: puts one message of the connected client into the queue and returns one
// verdict.
#pragma once

#include "mail/received.h"
#include "smtpd/frame_session.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// Serves the client and returns the exit code.
int serve_qmqp(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
               const sys::LeastRate& rate = {});

}  // namespace reqmail::smtpd
