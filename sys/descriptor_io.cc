#include "sys/descriptor_io.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>

#include "sys/error.h"

namespace reqmail::sys {

namespace {

// The number of reads is limited, so that a peer which never stops sending cannot keep the
// caller here.
constexpr int kDrainReads = 64;
constexpr std::size_t kDrainBuffer = 8192;

// Makes a call that returns a number of bytes, again if a signal has interrupted it.
template <typename Call>
Result<std::size_t> count_of(std::string_view failure, const Call& call) {
  for (;;) {
    const ssize_t count = call();
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return system_failure(failure);
    }
  }
}

constexpr std::string_view kNotRead = "unable to read";
constexpr std::string_view kNotWritten = "unable to write";

}  // namespace

Result<void> wait_ready(int fd, short events, std::chrono::milliseconds limit) {
  const auto milliseconds = std::clamp<std::int64_t>(limit.count(), 0, INT_MAX);
  pollfd entry{fd, events, 0};
  for (;;) {
    const int ready = ::poll(&entry, 1, static_cast<int>(milliseconds));
    if (ready > 0) {
      return {};
    }
    if (ready == 0) {
      return system_failure("timeout", ETIMEDOUT);
    }
    if (errno != EINTR) {
      return system_failure("unable to poll");
    }
  }
}

Result<void> wait_readable(int fd, std::chrono::milliseconds limit) {
  return wait_ready(fd, POLLIN, limit);
}

Result<void> wait_writable(int fd, std::chrono::milliseconds limit) {
  return wait_ready(fd, POLLOUT, limit);
}

void drain(int fd) {
  char forgotten[kDrainBuffer];
  for (int i = 0; i < kDrainReads; ++i) {
    if (!wait_readable(fd, std::chrono::milliseconds(0))) {
      return;
    }
    const auto count = read_some(fd, forgotten, sizeof forgotten);
    if (!count || *count == 0) {
      return;
    }
  }
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write_some(fd, bytes);
    if (!count) {
      return count.error();
    }
    bytes.remove_prefix(*count);
  }
  return {};
}

Result<std::size_t> write_some(int fd, std::string_view bytes) {
  return count_of(kNotWritten, [=] { return ::write(fd, bytes.data(), bytes.size()); });
}

Result<std::size_t> send_some(int fd, std::string_view bytes) {
  return count_of(kNotWritten,
                  [=] { return ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT); });
}

Result<std::size_t> write_ready(int fd, std::string_view bytes) {
  auto sent = send_some(fd, bytes);
  if (!sent && sent.error().error == ENOTSOCK) {
    // A pipe that is writable has room for this many bytes.
    return write_some(fd, bytes.substr(0, PIPE_BUF));
  }
  return sent;
}

Result<std::size_t> read_some(int fd, char* buffer, std::size_t size) {
  return count_of(kNotRead, [=] { return ::read(fd, buffer, size); });
}

Result<std::size_t> peek_some(int socket, char* buffer, std::size_t size) {
  return count_of(kNotRead, [=] { return ::recv(socket, buffer, size, MSG_PEEK); });
}

Result<std::size_t> peek_arrived(int socket, char* buffer, std::size_t size) {
  return count_of(kNotRead,
                  [=] { return ::recv(socket, buffer, size, MSG_PEEK | MSG_DONTWAIT); });
}

}  // namespace reqmail::sys
