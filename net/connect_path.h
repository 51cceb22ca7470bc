// Connects to a socket of this host by its path, with a time limit.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace reqmail::net {

// Returns a connected socket: non-blocking, close-on-exec. Failure.error is the errno; it is
// ETIMEDOUT if `timeout` passed while the listener took no connection.
Result<sys::Fd> connect_to_path(const std::string& path, base::Seconds timeout);

}  // namespace reqmail::net
