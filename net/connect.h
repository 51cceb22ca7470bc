// Connects over TCP with a time limit.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace reqmail::net {

// Returns a connected socket: non-blocking, close-on-exec, TCP_NODELAY. `from` is the address
// of this host from which to connect. Failure.error is the errno; it is ETIMEDOUT if `timeout`
// passed or the network reported a time-out.
Result<sys::Fd> connect_to(const base::IpAddress& address, std::uint16_t port,
                           base::Seconds timeout,
                           const std::optional<base::IpAddress>& from = std::nullopt);

}  // namespace reqmail::net
