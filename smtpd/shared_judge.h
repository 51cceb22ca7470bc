// How the sessions that qmail-listen forks reach the qmail-mailauth that it keeps for them
// (smtpd/resident_judge): each of their processes inherits a socket for packets, and sends one
// end of a new connection through it. The other end is the session's, as that of a
// qmail-mailauth of its own would be.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::smtpd {

// The first byte of a request (judge/connection_source.h).
inline constexpr char kJudgeRequest = 'j';

// Asks for a connection for the session of the client with this IP address, which may be empty,
// and returns the session's end, non-blocking. If nobody takes the request in the end, the
// connection is closed. Failure.error is EAGAIN if too many requests
// wait.
Result<sys::Fd> connect_to_shared_judge(int socket, std::string_view client);

}  // namespace reqmail::smtpd
