// Who is at the other end of a socket of this host.
#pragma once

#include <sys/types.h>

#include <optional>

namespace reqmail::compat {

struct SocketPeer {
  // -1 if the system does not tell.
  pid_t process = -1;
  // The effective user.
  uid_t user = 0;
};

// Returns the process at the other end of a connected Unix socket, as it was when it connected,
// or when it began to listen; nullopt if the system does not tell.
std::optional<SocketPeer> socket_peer(int socket);

}  // namespace reqmail::compat
