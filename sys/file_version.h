// Which state of a file was seen: to notice that it is another file, or was changed.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace reqmail::sys {

struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  // Nanoseconds since the epoch.
  std::int64_t modified = 0;
  std::int64_t changed = 0;

  friend bool operator==(const FileVersion& one, const FileVersion& other) = default;
};

FileVersion version_of(const struct ::stat& status);

// Of what lies at a path (a link is followed); nullopt where that cannot be told.
std::optional<FileVersion> file_version(const std::string& path);

}  // namespace reqmail::sys
