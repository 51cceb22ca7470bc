#include "submit/inject_input.h"

#include <utility>

#include "sys/stream.h"

namespace reqmail::submit {

InjectInput::InjectInput(int fd, bool find_line_ends)
    : fd_(fd), find_line_ends_(find_line_ends), buffer_(kInjectBlock) {}

// Reads more bytes after the first `filled` bytes of the buffer; returns all of them together.
Result<std::string_view> InjectInput::read(std::size_t filled) {
  if (at_end_) {
    return std::string_view(buffer_.data(), filled);
  }
  auto count = sys::read_some(fd_, buffer_.data() + filled, buffer_.size() - filled);
  if (!count) {
    return temporary("read error", count.error().error);
  }
  at_end_ = *count == 0;
  return std::string_view(buffer_.data(), filled + *count);
}

// Returns the beginning of the message. If its first line ends in LF, it does not wait for
// more; otherwise it reads as much as fits, to examine the line ends.
Result<std::string_view> InjectInput::first_block() {
  auto block = read(0);
  while (block && !at_end_ && block->size() < buffer_.size() &&
         (block->find('\n') == std::string_view::npos ||
          mail::has_crlf_line_ends(*block, false))) {
    block = read(block->size());
  }
  if (block) {
    has_crlf_ = mail::has_crlf_line_ends(*block, at_end_);
  }
  return block;
}

Result<std::string_view> InjectInput::next() {
  for (;;) {
    auto block = std::exchange(find_line_ends_, false) ? first_block() : read(0);
    if (!block || !has_crlf_) {
      return block;
    }
    if (block->empty()) {
      return remover_.finish();
    }
    const std::string_view rest = remover_.next(*block);
    if (!rest.empty()) {
      return rest;
    }
  }
}

}  // namespace reqmail::submit
