#include "sys/fd.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "compat/close_range.h"
#include "sys/error.h"

namespace reqmail::sys {

namespace {

void change_status_flag(int fd, int flag, bool on) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) {
    (void)::fcntl(fd, F_SETFL, on ? (flags | flag) : (flags & ~flag));
  }
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

void Fd::close() {
  if (number_ >= 0) {
    // The call is not repeated on EINTR, since Linux has closed the descriptor by then.
    (void)::close(std::exchange(number_, -1));
  }
}

Result<Pipe> make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return system_failure("unable to create pipe");
  }
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<Fd> duplicate(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    return system_failure("unable to duplicate descriptor");
  }
  return Fd(copy);
}

Result<void> duplicate_to(int from, int to) {
  if (::dup2(from, to) < 0) {
    return system_failure("unable to duplicate a descriptor");
  }
  return {};
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0 || errno != EBADF;
}

void fill_standard_descriptors() {
  constexpr int kModes[3] = {O_WRONLY, O_RDONLY, O_RDWR};
  for (int fd = 0; fd < 3; ++fd) {
    if (!is_open(fd)) {
      // All lower descriptors are open by now, so this open returns the number `fd`.
      (void)::open("/dev/null", kModes[fd]);
    }
  }
}

void set_nonblocking(int fd) {
  change_status_flag(fd, O_NONBLOCK, true);
}

void set_blocking(int fd) {
  change_status_flag(fd, O_NONBLOCK, false);
}

void set_no_delay(int fd) {
  const int on = 1;
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_close_on_exec(int fd, bool on) {
  (void)::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

void set_close_on_exec_from(int first) {
  compat::set_close_on_exec_from(first);
}

void close_descriptor(int fd) {
  (void)::close(fd);
}

void close_from(int first) {
  compat::close_from(first);
}

Result<SocketPair> make_socket_pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_failure("unable to create sockets");
  }
  return SocketPair{Fd(ends[0]), Fd(ends[1])};
}

bool is_socket(int fd) {
  struct ::stat found = {};
  return ::fstat(fd, &found) == 0 && S_ISSOCK(found.st_mode);
}

void end_writing(int fd) {
  (void)::shutdown(fd, SHUT_WR);
}

}  // namespace reqmail::sys
