// Connecting over TCP with a time limit.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace reqmail::net {

// A connected socket: non-blocking, close-on-exec, TCP_NODELAY. `from`: the address of this
// host to connect from. Failure.error is the errno: ETIMEDOUT where `timeout` passed or the
// network said so.
Result<sys::Fd> connect_to(const base::IpAddress& address, std::uint16_t port,
                           base::Seconds timeout,
                           const std::optional<base::IpAddress>& from = std::nullopt);

}  // namespace reqmail::net
