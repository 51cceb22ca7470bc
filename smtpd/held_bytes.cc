#include "smtpd/held_bytes.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/nameless_file.h"

namespace reqmail::smtpd {

namespace {

Failure unable_to_hold(int error) {
  return temporary("unable to hold message (#4.3.0)", error);
}

}  // namespace

void HeldBytes::append(std::string_view bytes) {
  size_ += bytes.size();
  if (failed_) {
    return;
  }
  memory_.append(bytes);
  if (!file_.valid() && size_ <= in_memory_) {
    return;
  }
  if (!file_.valid()) {
    if (auto file = sys::make_nameless_file("qmail-smtpd")) {
      file_ = *std::move(file);
    }
    failed_ = !file_.valid();
  } else if (memory_.size() < kHeldPiece) {
    return;
  }
  if (!failed_) {
    failed_ = !sys::write_all(file_.get(), memory_);
  }
  memory_.clear();
  if (memory_.capacity() > 2 * kHeldPiece) {
    memory_ = std::string();
  }
}

Result<void> HeldBytes::each(const std::function<void(std::string_view)>& take) const {
  if (failed_) {
    return unable_to_hold(0);
  }
  if (file_.valid()) {
    std::string piece(kHeldPiece, '\0');
    off_t place = 0;
    const auto end = static_cast<off_t>(size_ - memory_.size());
    while (place < end) {
      const ssize_t count = ::pread(file_.get(), piece.data(), piece.size(), place);
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count <= 0) {
        return unable_to_hold(count < 0 ? errno : EIO);
      }
      take(std::string_view(piece).substr(0, static_cast<std::size_t>(count)));
      place += count;
    }
  }
  for (std::string_view rest = memory_; !rest.empty();) {
    take(rest.substr(0, kHeldPiece));
    rest.remove_prefix(std::min(rest.size(), kHeldPiece));
  }
  return {};
}

}  // namespace reqmail::smtpd
