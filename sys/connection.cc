#include "sys/connection.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/memory.h"

namespace reqmail::sys {

namespace {

// Reads with one read(2) at most up to the next line feed of the bytes that have arrived.
Result<std::size_t> read_to_line_end(int fd, char* buffer, std::size_t size) {
  const auto seen = peek_some(fd, buffer, size);
  if (!seen) {
    return seen.error().error == ENOTSOCK ? read_some(fd, buffer, 1) : seen;
  }
  const std::string_view bytes(buffer, *seen);
  const std::size_t newline = bytes.find('\n');
  return read_some(fd, buffer, newline == std::string_view::npos ? bytes.size() : newline + 1);
}

}  // namespace

Result<void> Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write_some(bytes);
    if (!count) {
      return count.error();
    }
    bytes.remove_prefix(*count);
  }
  return {};
}

DescriptorConnection::DescriptorConnection(int input, int output,
                                           std::optional<base::Seconds> timeout)
    : input_(input), output_(output), timeout_(timeout) {}

bool DescriptorConnection::has_limit() const {
  return timeout_ || end_ != std::chrono::milliseconds::max();
}

// Returns the time until the limit for all.
Result<std::chrono::milliseconds> DescriptorConnection::time_left() const {
  const auto left = end_ - monotonic();
  if (left.count() <= 0) {
    return system_failure("timeout", ETIMEDOUT);
  }
  return left;
}

// Waits until one read or write is possible, within the limit for each step and the limit for
// all.
Result<void> DescriptorConnection::wait(int fd, short events) const {
  const auto left = time_left();
  if (!left) {
    return left.error();
  }
  const std::chrono::milliseconds each = timeout_.value_or(base::Seconds::max() / 1000);
  const auto limit = std::min(each, *left);
  return events == POLLOUT ? wait_writable(fd, limit) : wait_for_input(limit);
}

Result<void> DescriptorConnection::wait_for_input(std::chrono::milliseconds limit) const {
  constexpr std::chrono::milliseconds kMoment{300};
  if (rests_ && limit > kMoment) {
    auto ready = wait_readable(input_, kMoment);
    if (ready || ready.error().error != ETIMEDOUT) {
      return ready;
    }
    give_back_stack();
    give_back_memory();
    limit -= kMoment;
  }
  return wait_readable(input_, limit);
}

Result<std::size_t> DescriptorConnection::read_ready(char* buffer, std::size_t size) const {
  return stops_at_line_ends_ ? read_to_line_end(input_, buffer, size)
                             : read_some(input_, buffer, size);
}

Result<std::size_t> DescriptorConnection::read(char* buffer, std::size_t size) {
  if (!has_limit()) {
    return read_ready(buffer, size);
  }
  for (;;) {
    if (auto ready = wait(input_, POLLIN); !ready) {
      return ready.error();
    }
    auto count = read_ready(buffer, size);
    if (count || count.error().error != EAGAIN) {
      return count;
    }
  }
}

Result<std::size_t> DescriptorConnection::write_some(std::string_view bytes) {
  if (!has_limit()) {
    return sys::write_some(output_, bytes);
  }
  if (const auto left = time_left(); !left) {
    return left.error();
  }
  if (sends_at_once_) {
    // There is nearly always room, so it is not asked for first.
    auto count = send_some(output_, bytes);
    sends_at_once_ = count || count.error().error != ENOTSOCK;
    if (count || (sends_at_once_ && count.error().error != EAGAIN)) {
      return count;
    }
  }
  for (;;) {
    if (auto ready = wait(output_, POLLOUT); !ready) {
      return ready.error();
    }
    auto count = write_ready(output_, bytes);
    if (count || count.error().error != EAGAIN) {
      return count;
    }
  }
}

// If reads stop at line ends, further lines that have arrived are still in the socket.
bool DescriptorConnection::has_more() const {
  return stops_at_line_ends_ && wait_readable(input_, std::chrono::milliseconds(0));
}

}  // namespace reqmail::sys
