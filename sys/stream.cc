#include "sys/stream.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "sys/error.h"

namespace reqmail::sys {

namespace {

// Whether the descriptor becomes ready for `events` in time; a zero errno with false is a
// timeout.
Result<void> wait_ready(int fd, short events, std::optional<base::Seconds> timeout) {
  if (!timeout) {
    return {};
  }
  const auto milliseconds = std::min<std::int64_t>(timeout->count() * 1000, INT_MAX);
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

}  // namespace

Result<bool> Reader::fill() {
  if (buffer_.empty()) {
    buffer_.resize(kStreamBuffer);
  } else if (end_ == buffer_.size() && buffer_.size() < kLargestReadBuffer) {
    buffer_.resize(2 * buffer_.size());
  }
  if (before_read_) {
    if (auto done = before_read_(); !done) {
      return done.error();
    }
  }
  if (auto ready = wait_ready(fd_, POLLIN, timeout_); !ready) {
    return ready.error();
  }
  auto count = read_some(fd_, buffer_.data(), buffer_.size());
  if (!count) {
    return count.error();
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
    if (auto ready = wait_ready(fd_, POLLOUT, timeout_); !ready) {
      failed_ = ready.error().error;
      return ready;
    }
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      failed_ = errno;
      return system_failure("unable to write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
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
