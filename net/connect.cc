#include "net/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "net/socket_address.h"
#include "sys/clock.h"
#include "sys/error.h"

namespace reqmail::net {

namespace {

// Waits until a pending connection is established or has failed.
Result<void> wait_connected(int socket, base::Seconds timeout) {
  const auto end = sys::monotonic() + std::min(timeout, base::Seconds(INT_MAX / 1000));
  for (;;) {
    const auto left = std::max(end - sys::monotonic(), std::chrono::milliseconds(0));
    pollfd entry{socket, POLLOUT, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready == 0) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    if (ready > 0) {
      break;
    }
    if (errno != EINTR) {
      return sys::system_failure("unable to poll");
    }
  }
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
    return sys::system_failure("unable to connect");
  }
  if (error != 0) {
    return sys::system_failure("unable to connect", error);
  }
  return {};
}

}  // namespace

Result<sys::Fd> connect_to(const base::IpAddress& address, std::uint16_t port,
                           base::Seconds timeout, const std::optional<base::IpAddress>& from) {
  const int family = address.family() == base::Family::v4 ? AF_INET : AF_INET6;
  sys::Fd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return sys::system_failure("unable to make a socket");
  }
  const int on = 1;
  // Without this the last, short segment of a command may wait for an acknowledgement.
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (from) {
    const SocketAddress local = to_socket_address({*from, 0});
    if (::bind(socket.get(), local.get(), local.length) != 0) {
      return sys::system_failure("unable to bind");
    }
  }
  const SocketAddress remote = to_socket_address({address, port});
  if (::connect(socket.get(), remote.get(), remote.length) == 0) {
    return socket;
  }
  if (errno != EINPROGRESS && errno != EINTR) {
    return sys::system_failure("unable to connect");
  }
  if (auto connected = wait_connected(socket.get(), timeout); !connected) {
    return connected.error();
  }
  return socket;
}

}  // namespace reqmail::net
