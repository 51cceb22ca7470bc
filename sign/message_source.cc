#include "sign/message_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sign {

namespace {

constexpr std::size_t kPiece = 65536;

bool is_regular(int descriptor) {
  const auto status = sys::status(descriptor);
  return status && S_ISREG(status->st_mode);
}

}  // namespace

MessageSource::MessageSource(int message)
    : message_(message), regular_(is_regular(message)), buffer_(kPiece, '\0') {}

Result<std::string_view> MessageSource::next() {
  if (!regular_) {
    const auto count = sys::read_some(message_, buffer_.data(), buffer_.size());
    if (!count) {
      return count.error();
    }
    return std::string_view(buffer_).substr(0, *count);
  }
  for (;;) {
    const ssize_t count = ::pread(message_, buffer_.data(), buffer_.size(), at_);
    if (count >= 0) {
      at_ += count;
      return std::string_view(buffer_).substr(0, static_cast<std::size_t>(count));
    }
    if (errno != EINTR) {
      return sys::system_failure("unable to read the message");
    }
  }
}

}  // namespace reqmail::sign
