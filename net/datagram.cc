#include "net/datagram.h"

#include <sys/socket.h>

#include "sys/error.h"
#include "sys/fd.h"
#include "sys/path_address.h"

namespace reqmail::net {

Result<void> send_datagram(const std::string& path, std::string_view bytes) {
  const auto address = sys::path_address(path, "unable to send");
  if (!address) {
    return address.error();
  }
  const sys::Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return sys::system_failure("unable to make a socket");
  }
  if (::sendto(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&*address), sizeof *address) < 0) {
    return sys::system_failure("unable to send");
  }
  return {};
}

}  // namespace reqmail::net
