// Identifies the state of a file, to detect that it was replaced or changed.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sys/clock.h"

namespace reqmail::sys {

struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  // In nanoseconds since the epoch.
  std::int64_t modified = 0;
  std::int64_t changed = 0;

  friend bool operator==(const FileVersion& one, const FileVersion& other) = default;
};

// Returns a text that another version of a file does not have.
std::string to_text(const FileVersion& version);

// Returns the version whose to_text() this is; nullopt if it is of none.
std::optional<FileVersion> parse_file_version(std::string_view text);

FileVersion version_of(const struct ::stat& status);

// Returns how long before `now` (precise_now()) the last change was. A file that has changed
// just now may change again without another version, since the times of files move in steps.
std::chrono::nanoseconds age(const FileVersion& version, const PreciseTime& now);

// Returns the version of the file at a path, following a link; nullopt if it cannot be
// determined.
std::optional<FileVersion> file_version(const std::string& path);

}  // namespace reqmail::sys
