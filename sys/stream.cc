#include "sys/stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "sys/clock.h"
#include "sys/error.h"

namespace reqmail::sys {

namespace {

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

// For each step and for all of them together, as far as there are limits.
Result<void> wait_ready(int fd, short events, std::optional<base::Seconds> timeout,
                        const Patience* patience) {
  std::chrono::milliseconds limit = timeout.value_or(base::Seconds::max() / 1000);
  if (patience == nullptr) {
    return timeout ? wait_ready(fd, events, limit) : Result<void>();
  }
  if (patience->is_over()) {
    return system_failure("timeout", ETIMEDOUT);
  }
  return wait_ready(fd, events, std::min(limit, patience->end() - monotonic()));
}

// At most so much is given to a transport at once, so that a peer that takes it slowly is seen
// to take it.
constexpr std::size_t kLargestWrite = std::size_t{16} << 10;

// One read(2) up to the next line feed among what has come.
Result<std::size_t> read_to_line_end(int fd, char* buffer, std::size_t size) {
  const ssize_t seen = ::recv(fd, buffer, size, MSG_PEEK);
  if (seen < 0) {
    return errno == ENOTSOCK ? read_some(fd, buffer, 1) : system_failure("unable to read");
  }
  const std::string_view bytes(buffer, static_cast<std::size_t>(seen));
  const std::size_t newline = bytes.find('\n');
  return read_some(fd, buffer, newline == std::string_view::npos ? bytes.size() : newline + 1);
}

// So much is drained at most: a client that never stops sending does not keep us here.
constexpr int kDrainReads = 64;

}  // namespace

Result<std::size_t> Reader::receive() {
  if (transport_ != nullptr) {
    if (patience_ != nullptr) {
      transport_->stop_at(patience_->end());
    }
    return transport_->read(buffer_.data(), buffer_.size());
  }
  if (auto ready = wait_ready(fd_, POLLIN, timeout_, patience_); !ready) {
    return ready.error();
  }
  return stops_at_line_ends_ ? read_to_line_end(fd_, buffer_.data(), buffer_.size())
                             : read_some(fd_, buffer_.data(), buffer_.size());
}

void Reader::switch_to(Transport& transport) {
  discard_buffered();
  transport_ = &transport;
}

void Reader::wipe_consumed() {
  ::explicit_bzero(buffer_.data(), begin_);
}

Result<bool> Reader::fill() {
  if (buffer_.empty()) {
    buffer_.resize(kStreamBuffer);
  } else if (end_ == buffer_.size() && buffer_.size() < kLargestReadBuffer) {
    buffer_.resize(2 * buffer_.size());
  }
  // A group of lines that has come gets one group of replies here too.
  if (before_read_ &&
      !(stops_at_line_ends_ && wait_readable(fd_, std::chrono::milliseconds(0)))) {
    if (auto done = before_read_(); !done) {
      return done.error();
    }
  }
  auto count = receive();
  if (!count) {
    return count.error();
  }
  if (patience_ != nullptr) {
    patience_->moved(*count);
  }
  begin_ = 0;
  end_ = *count;
  return *count > 0;
}

Result<std::string_view> Reader::peek() {
  if (!has_buffered()) {
    if (auto filled = fill(); !filled) {
      return filled.error();
    }
  }
  return std::string_view(buffer_.data() + begin_, end_ - begin_);
}

Result<std::optional<char>> Reader::get() {
  auto bytes = peek();
  if (!bytes) {
    return bytes.error();
  }
  if (bytes->empty()) {
    return std::optional<char>();
  }
  consume(1);
  return std::optional<char>(bytes->front());
}

Result<LineEnd> Reader::get_line(std::string& line, std::size_t limit) {
  std::size_t length = 0;
  for (;;) {
    auto bytes = peek();
    if (!bytes) {
      return bytes.error();
    }
    if (bytes->empty()) {
      return LineEnd::end_of_file;
    }
    const std::size_t newline = bytes->find('\n');
    const std::size_t take = std::min(newline, bytes->size());
    if (take > limit - length) {
      line.append(bytes->substr(0, limit - length));
      consume(limit - length);
      return LineEnd::too_long;
    }
    line.append(bytes->substr(0, take));
    length += take;
    if (newline != std::string_view::npos) {
      consume(take + 1);
      return LineEnd::line;
    }
    consume(take);
  }
}

Result<std::string> Reader::read_all(std::size_t limit) {
  std::string all;
  for (;;) {
    auto bytes = peek();
    if (!bytes) {
      return bytes.error();
    }
    if (bytes->empty()) {
      return all;
    }
    if (bytes->size() > limit - all.size()) {
      return permanent("input too long", EMSGSIZE);
    }
    all.append(*bytes);
    consume(bytes->size());
  }
}

Result<void> Writer::put(std::string_view bytes) {
  if (failed_ != 0) {
    return system_failure("unable to write", failed_);
  }
  if (buffer_.size() + bytes.size() > capacity_) {
    if (auto flushed = flush(); !flushed) {
      return flushed;
    }
    if (bytes.size() >= capacity_) {
      return write_out(bytes);
    }
  }
  buffer_.append(bytes);
  return {};
}

Result<void> Writer::flush() {
  if (failed_ != 0) {
    return system_failure("unable to write", failed_);
  }
  auto written = write_out(buffer_);
  buffer_.clear();
  return written;
}

Result<void> Writer::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(bytes);
    if (!count) {
      failed_ = count.error().error;
      return count.error();
    }
    if (patience_ != nullptr) {
      patience_->moved(*count);
    }
    bytes.remove_prefix(*count);
  }
  return {};
}

// As much as can be waited for in one step.
Result<std::size_t> Writer::send(std::string_view bytes) {
  if (transport_ != nullptr) {
    const std::string_view part = bytes.substr(0, kLargestWrite);
    if (patience_ != nullptr) {
      transport_->stop_at(patience_->end());
    }
    auto written = transport_->write(part);
    return written ? Result<std::size_t>(part.size()) : written.error();
  }
  if (!timeout_ && patience_ == nullptr) {
    return write_some(fd_, bytes);
  }
  for (;;) {
    if (auto ready = wait_ready(fd_, POLLOUT, timeout_, patience_); !ready) {
      return ready.error();
    }
    auto count = write_ready(fd_, bytes);
    if (count || count.error().error != EAGAIN) {
      return count;
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
  char forgotten[kStreamBuffer];
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
  Writer writer(fd, 0);
  return writer.put(bytes);
}

Result<std::size_t> write_some(int fd, std::string_view bytes) {
  for (;;) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return system_failure("unable to write");
    }
  }
}

Result<std::size_t> write_ready(int fd, std::string_view bytes) {
  for (;;) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno == ENOTSOCK) {
      // A pipe that can be written has room for so much.
      return write_some(fd, bytes.substr(0, PIPE_BUF));
    }
    if (errno != EINTR) {
      return system_failure("unable to write");
    }
  }
}

Result<std::size_t> read_some(int fd, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(fd, buffer, size);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return system_failure("unable to read");
    }
  }
}

Result<std::string> read_all(int fd, std::size_t limit) {
  return Reader(fd).read_all(limit);
}

}  // namespace reqmail::sys
