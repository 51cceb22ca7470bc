// Listens on a socket of this host by its path.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::net {

// Returns a listening socket, non-blocking and close-on-exec, to which only this user and root
// may connect. A socket at the path that nobody serves is replaced. Failure.error is the errno;
// it is EADDRINUSE if the path is served or is no socket. The directory must be one in which
// no other account can write.
Result<sys::Fd> listen_at_path(const std::string& path);

// Takes the next connection: blocking, close-on-exec. Failure.error is the errno; it is EAGAIN
// if there is none.
Result<sys::Fd> accept_connection(int listener);

}  // namespace reqmail::net
