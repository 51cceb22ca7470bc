#include "net/connect_path.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "sys/clock.h"
#include "sys/error.h"
#include "sys/path_address.h"

namespace reqmail::net {

Result<sys::Fd> connect_to_path(const std::string& path, base::Seconds timeout) {
  const auto address = sys::path_address(path, "unable to connect");
  if (!address) {
    return address.error();
  }
  sys::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return sys::system_failure("unable to make a socket");
  }
  // The call fails while the queue of the listener is full, and no event tells when there is
  // room again.
  constexpr std::chrono::milliseconds kPause{50};
  const auto end = sys::monotonic() + timeout;
  for (;;) {
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address),
                  sizeof *address) == 0) {
      return socket;
    }
    if (errno != EAGAIN && errno != EINTR) {
      return sys::system_failure("unable to connect");
    }
    if (sys::monotonic() >= end) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    sys::pause_for(kPause);
  }
}

}  // namespace reqmail::net
