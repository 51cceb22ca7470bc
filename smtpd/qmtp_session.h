// The server of QMTP: puts packages of the connected client into the queue and returns a
// verdict for each recipient.
#pragma once

#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/frame_session.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// Serves packages until the client ends and returns the exit code. `files` must outlive the
// call.
int serve_qmtp(const QmtpdFiles& files, const ClientEnvironment& client, sys::Reader& input,
               sys::Writer& output, const sys::LeastRate& rate = {});

}  // namespace reqmail::smtpd
