#include "compat/peer_uid.h"

#include <sys/socket.h>
#include <unistd.h>

namespace reqmail::compat {

std::optional<uid_t> peer_uid(int socket) {
#if defined(__linux__)
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  return peer.uid;
#else
  uid_t uid = 0;
  gid_t gid = 0;
  if (::getpeereid(socket, &uid, &gid) != 0) {
    return std::nullopt;
  }
  return uid;
#endif
}

}  // namespace reqmail::compat
