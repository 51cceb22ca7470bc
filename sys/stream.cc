#include "sys/stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sys/error.h"

namespace reqmail::sys {

namespace {

// A buffer is written to when it is made, and most of what a waiting server reads is short.
constexpr std::size_t kFirstReadBuffer = 2048;

}  // namespace

Reader::Reader(int fd, std::optional<base::Seconds> timeout)
    : own_(std::make_unique<DescriptorConnection>(fd, -1, timeout)), connection_(own_.get()) {}

Result<std::size_t> Reader::receive() {
  if (patience_ != nullptr) {
    connection_->stop_at(patience_->end());
  }
  return connection_->read(buffer_.data(), buffer_.size());
}

void Reader::switch_to(Connection& connection) {
  discard_buffered();
  connection_ = &connection;
}

void Reader::wipe_consumed() {
  ::explicit_bzero(buffer_.data(), begin_);
}

Result<bool> Reader::fill() {
  if (buffer_.empty()) {
    buffer_.resize(kFirstReadBuffer);
  } else if (end_ == buffer_.size() && buffer_.size() < kLargestReadBuffer) {
    buffer_.resize(2 * buffer_.size());
  }
  // If more lines have arrived with the last read, the replies to all of them are sent
  // together.
  if (before_read_ && !connection_->has_more()) {
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

Writer::Writer(int fd, std::size_t buffer)
    : own_(std::make_unique<DescriptorConnection>(-1, fd)),
      connection_(own_.get()),
      capacity_(buffer) {}

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

Result<std::size_t> Writer::send(std::string_view bytes) {
  if (patience_ != nullptr) {
    connection_->stop_at(patience_->end());
  }
  return connection_->write_some(bytes);
}

Result<std::string> read_all(int fd, std::size_t limit) {
  return Reader(fd).read_all(limit);
}

}  // namespace reqmail::sys
