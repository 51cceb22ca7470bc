#include "net/listen_path.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "net/connect_path.h"
#include "sys/error.h"
#include "sys/path_address.h"

namespace reqmail::net {

namespace {

constexpr mode_t kOwnerOnly = 0600;

// Returns the errno, 0 if it is done.
int bind_to(int socket, const sockaddr_un& address) {
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
             ? 0
             : errno;
}

// Removes what a listener that ended has left. Returns whether the path is free now.
bool clear_path(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return false;
  }
  const auto served = connect_to_path(path, base::Seconds(0));
  return !served && served.error().error == ECONNREFUSED && ::unlink(path.c_str()) == 0;
}

}  // namespace

Result<sys::Fd> listen_at_path(const std::string& path) {
  const auto address = sys::path_address(path, "unable to listen");
  if (!address) {
    return address.error();
  }
  sys::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return sys::system_failure("unable to make a socket");
  }
  int error = bind_to(socket.get(), *address);
  if (error == EADDRINUSE && clear_path(path)) {
    error = bind_to(socket.get(), *address);
  }
  if (error != 0) {
    return sys::system_failure("unable to listen", error);
  }
  // Nobody can connect before this socket listens.
  if (::chmod(path.c_str(), kOwnerOnly) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    return sys::system_failure("unable to listen");
  }
  return socket;
}

Result<sys::Fd> accept_connection(int listener) {
  sys::Fd connection(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection.valid()) {
    return sys::system_failure("unable to accept a connection");
  }
  return connection;
}

}  // namespace reqmail::net
