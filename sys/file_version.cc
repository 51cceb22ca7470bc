#include "sys/file_version.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/number.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

std::int64_t nanoseconds(const std::timespec& time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return time.tv_sec * kSecond + time.tv_nsec;
}

}  // namespace

std::string to_text(const FileVersion& version) {
  std::string text;
  for (const auto number :
       {static_cast<std::uint64_t>(version.device), static_cast<std::uint64_t>(version.inode),
        static_cast<std::uint64_t>(version.size), static_cast<std::uint64_t>(version.modified),
        static_cast<std::uint64_t>(version.changed)}) {
    text += base::decimal(number);
    text.push_back(' ');
  }
  return text;
}

std::optional<FileVersion> parse_file_version(std::string_view text) {
  std::array<std::uint64_t, 5> numbers = {};
  std::string_view rest = text;
  for (std::uint64_t& number : numbers) {
    const auto found = base::parse_u64(rest.substr(0, rest.find(' ')));
    if (!found) {
      return std::nullopt;
    }
    number = *found;
    rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  }
  const FileVersion version{numbers[0], numbers[1], static_cast<off_t>(numbers[2]),
                            static_cast<std::int64_t>(numbers[3]),
                            static_cast<std::int64_t>(numbers[4])};
  // Numbers that are written or end otherwise are not what to_text() writes.
  return to_text(version) == text ? std::optional(version) : std::nullopt;
}

FileVersion version_of(const struct ::stat& status) {
  return FileVersion{status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
                     nanoseconds(status.st_ctim)};
}

std::chrono::nanoseconds age(const FileVersion& version, const PreciseTime& now) {
  return now.seconds.time_since_epoch() + std::chrono::microseconds(now.microseconds) -
         std::chrono::nanoseconds(version.changed);
}

std::optional<FileVersion> file_version(const std::string& path) {
  const auto info = status(path);
  if (!info) {
    return std::nullopt;
  }
  return version_of(*info);
}

}  // namespace reqmail::sys
