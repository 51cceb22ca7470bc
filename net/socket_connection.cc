#include "net/socket_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "sys/clock.h"
#include "sys/error.h"

namespace reqmail::net {

namespace {

// Longer waits are shortened to this, so that sums of milliseconds cannot overflow.
constexpr base::Seconds kWaitMax(INT_MAX / 1000);

}  // namespace

base::Seconds session_time(std::uint64_t bytes) {
  return kSessionBase + base::Seconds(static_cast<std::int64_t>(bytes / kLeastBytesPerSecond));
}

SocketConnection::SocketConnection(sys::Fd socket, base::Seconds timeout, base::Seconds session)
    : socket_(std::move(socket)),
      timeout_(std::min(timeout, kWaitMax)),
      end_(sys::monotonic() + std::min(session, kWaitMax)) {}

Result<void> SocketConnection::wait(short events) const {
  const auto left = std::clamp(end_ - sys::monotonic(), std::chrono::milliseconds(0), timeout_);
  pollfd entry{socket_.get(), events, 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
  if (ready > 0 || (ready < 0 && errno == EINTR)) {
    return {};
  }
  if (ready == 0) {
    return sys::system_failure("timeout", ETIMEDOUT);
  }
  return sys::system_failure("unable to poll");
}

// Data that has arrived is read without a poll, so the end of the session must be checked here
// too: otherwise a peer that never makes the caller wait could keep a session open for ever.
Result<std::size_t> SocketConnection::read(char* buffer, std::size_t size) {
  if (std::exchange(answer_pending_, false)) {
    if (auto ready = wait(POLLIN); !ready) {
      return ready.error();
    }
  }
  for (;;) {
    if (sys::monotonic() >= end_) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    const ssize_t count = ::recv(socket_.get(), buffer, size, 0);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno != EAGAIN) {
      return sys::system_failure("unable to read");
    }
    if (auto ready = wait(POLLIN); !ready) {
      return ready.error();
    }
  }
}

Result<std::size_t> SocketConnection::write_some(std::string_view bytes) {
  answer_pending_ = true;
  for (;;) {
    if (sys::monotonic() >= end_) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno != EAGAIN) {
      return sys::system_failure("unable to write");
    }
    if (auto ready = wait(POLLOUT); !ready) {
      return ready.error();
    }
  }
}

}  // namespace reqmail::net
