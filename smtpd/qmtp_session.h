// The server of QMTP: packages from the client at the other end into the queue, a verdict for
// each recipient back.
#pragma once

#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/frame_session.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// Packages until the client ends; the exit code. `files` must outlive the call.
int serve_qmtp(const QmtpdFiles& files, const ClientEnvironment& client, sys::Reader& input,
               sys::Writer& output, const sys::LeastRate& rate = {});

}  // namespace reqmail::smtpd
