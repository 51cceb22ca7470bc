#include "sys/local_socket.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "compat/socket_peer.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path_address.h"

namespace reqmail::sys {

namespace {

constexpr std::string_view kUnusablePath = "unable to use the path";
constexpr std::string_view kNotListening = "unable to listen";

// What the new socket is called until it has its owner and mode.
constexpr std::string_view kTemporaryEnd = ".new";

Result<Fd> make_socket() {
  Fd made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made.valid()) {
    return system_failure("unable to make a socket");
  }
  return made;
}

Result<void> set_owner_and_mode(const std::string& path, const Identity& owner, mode_t mode) {
  if (::chown(path.c_str(), owner.uid, owner.gid) != 0 || ::chmod(path.c_str(), mode) != 0) {
    return system_failure(kNotListening);
  }
  return {};
}

}  // namespace

Result<Fd> listen_at(const std::string& path, const Identity& owner, mode_t mode) {
  const std::string temporary = base::concat({path, kTemporaryEnd});
  const auto address = path_address(temporary, kUnusablePath);
  auto listener = make_socket();
  if (!address) {
    return address.error();
  }
  if (!listener) {
    return listener;
  }
  (void)::unlink(temporary.c_str());
  if (::bind(listener->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
      0) {
    return system_failure(kNotListening);
  }
  // Nobody can connect before listen(), so nobody can while the mode is that of the umask.
  auto done = set_owner_and_mode(temporary, owner, mode);
  if (done && ::listen(listener->get(), SOMAXCONN) != 0) {
    done = system_failure(kNotListening);
  }
  if (done) {
    done = rename_file(temporary, path);
  }
  if (!done) {
    const Failure failure = done.error();
    (void)::unlink(temporary.c_str());
    return failure;
  }
  return listener;
}

Result<Fd> connect_at(const std::string& path) {
  const auto address = path_address(path, kUnusablePath);
  auto socket = make_socket();
  if (!address) {
    return address.error();
  }
  if (!socket) {
    return socket;
  }
  if (::connect(socket->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
      0) {
    return system_failure("unable to connect");
  }
  return socket;
}

Result<Fd> take_connection(int listener) {
  Fd taken(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!taken.valid()) {
    return system_failure("unable to accept");
  }
  return taken;
}

std::optional<uid_t> peer_uid(int socket) {
  const auto peer = compat::socket_peer(socket);
  return peer ? std::optional(peer->user) : std::nullopt;
}

bool is_in_charge(const std::string& path) {
  const auto socket = connect_at(path);
  if (!socket) {
    return false;
  }
  const auto peer = compat::socket_peer(socket->get());
  // Signal 0 only asks whether the process exists.
  return !peer || peer->process <= 0 || ::kill(peer->process, 0) == 0;
}

}  // namespace reqmail::sys
