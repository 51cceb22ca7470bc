// Who has connected to a socket of this host.
#pragma once

#include <sys/types.h>

#include <optional>

namespace reqmail::compat {

// Returns the effective user of the process at the other end of a connected Unix socket, as it
// was when it connected; nullopt if the system does not tell.
std::optional<uid_t> peer_uid(int socket);

}  // namespace reqmail::compat
