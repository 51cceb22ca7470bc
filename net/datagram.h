// Sends a datagram to a socket of this host by its path.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::net {

// Never waits: if the receiver has no room, the datagram is lost, which is a Failure.
// Failure.error is the errno.
Result<void> send_datagram(const std::string& path, std::string_view bytes);

}  // namespace reqmail::net
