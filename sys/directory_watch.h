// Notices changes of the files in a directory, for a process that keeps what it has read there.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sys/file_version.h"

namespace reqmail::sys {

class DirectoryWatch {
 public:
  // The path may be relative: what it means is decided at each call.
  explicit DirectoryWatch(std::string path) : path_(std::move(path)) {}

  // Returns whether a name in the directory, or a file behind a name, may have changed since
  // the last call; true at the first. Files are not read. A change shortly before the last call
  // may not be the last that gets that time from the system, so it counts as another one later.
  bool changed();

 private:
  using Versions = std::map<std::string, std::optional<FileVersion>>;

  // Returns nullopt if the directory cannot be listed.
  [[nodiscard]] std::optional<Versions> look() const;

  std::string path_;
  // Absent if nothing is known, or if a file has changed too recently.
  std::optional<Versions> seen_;
};

}  // namespace reqmail::sys
