#include "net/datagram.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

#include "sys/error.h"
#include "sys/fd.h"

namespace reqmail::net {

Result<void> send_datagram(const std::string& path, std::string_view bytes) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return sys::system_failure("unable to send", ENAMETOOLONG);
  }
  path.copy(address.sun_path, path.size());
  const sys::Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return sys::system_failure("unable to make a socket");
  }
  if (::sendto(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return sys::system_failure("unable to send");
  }
  return {};
}

}  // namespace reqmail::net
