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
#include "sys/file.h"

namespace reqmail::smtpd {

namespace {

constexpr mode_t kOwnerOnly = 0600;
// The number of names that are tried in a directory.
constexpr std::uint64_t kNamesTried = 16;

Failure unable_to_hold(int error) {
  return temporary("unable to hold message (#4.3.0)", error);
}

// Creates a file that only this process can use, and whose name is removed before it has any
// byte.
Result<sys::Fd> nameless_file(const std::string& directory) {
  const auto now = static_cast<std::uint64_t>(sys::precise_now().microseconds);
  Result<sys::Fd> file = unable_to_hold(ENOENT);
  for (std::uint64_t i = 0; i < kNamesTried; ++i) {
    const std::string path = base::concat(
        {directory, "/qmail-smtpd.", base::decimal(static_cast<std::uint64_t>(::getpid())), ".",
         base::decimal(now), ".", base::decimal(i)});
    file = sys::create_exclusive_read_write(path, kOwnerOnly);
    if (file) {
      auto removed = sys::remove_file(path);
      return removed ? std::move(file) : Result<sys::Fd>(removed.error());
    }
    if (file.error().error != EEXIST) {
      break;
    }
  }
  return file;
}

sys::Fd holding_file() {
  for (const std::string& directory : holding_directories()) {
    if (auto file = nameless_file(directory)) {
      return std::move(*file);
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> holding_directories() {
  std::vector<std::string> directories;
  if (auto chosen = sys::environment_value("TMPDIR"); chosen && chosen->starts_with('/')) {
    directories.push_back(std::move(*chosen));
  }
  directories.emplace_back("/var/tmp");
  directories.emplace_back("/tmp");
  return directories;
}

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
    file_ = holding_file();
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
