// A handshake of a process with itself.
#pragma once

#include "base/result.h"
#include "tls/context.h"

namespace reqmail::tls {

// Makes handshakes in memory with a server of this context, so that OpenSSL has loaded
// everything that it needs for one: processes that are forked afterwards share that memory and
// do not spend time on it. OpenSSL gives each process random numbers of its own. A Failure
// means that clients would not succeed either.
Result<void> rehearse_handshakes(const Context& server);

}  // namespace reqmail::tls
