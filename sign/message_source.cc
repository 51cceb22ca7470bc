#include "sign/message_source.h"

#include <unistd.h>

#include <cerrno>

#include "sys/descriptor_io.h"
#include "sys/error.h"

namespace reqmail::sign {

namespace {

constexpr std::size_t kPiece = 65536;

}  // namespace

MessageSource::MessageSource(int message) : message_(message), buffer_(kPiece, '\0') {}

Result<std::string_view> MessageSource::next() {
  while (has_positions_) {
    const ssize_t count = ::pread(message_, buffer_.data(), buffer_.size(), at_);
    if (count >= 0) {
      at_ += count;
      return std::string_view(buffer_).substr(0, static_cast<std::size_t>(count));
    }
    if (errno == ESPIPE) {
      has_positions_ = false;
    } else if (errno != EINTR) {
      return sys::system_failure("unable to read the message");
    }
  }
  const auto count = sys::read_some(message_, buffer_.data(), buffer_.size());
  if (!count) {
    return count.error();
  }
  return std::string_view(buffer_).substr(0, *count);
}

}  // namespace reqmail::sign
