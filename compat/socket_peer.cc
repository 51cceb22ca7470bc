#include "compat/socket_peer.h"

#include <sys/socket.h>
#include <unistd.h>

namespace reqmail::compat {

std::optional<SocketPeer> socket_peer(int socket) {
#if defined(__linux__)
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  return SocketPeer{.process = peer.pid, .user = peer.uid};
#else
  SocketPeer peer;
  gid_t gid = 0;
  if (::getpeereid(socket, &peer.user, &gid) != 0) {
    return std::nullopt;
  }
  return peer;
#endif
}

}  // namespace reqmail::compat
