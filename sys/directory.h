// Lists the names in a directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::sys {

// Reads one name at a time, so that a daemon can go through a large directory between other
// work. "." and ".." are left out.
class Directory {
 public:
  static Result<Directory> open(const std::string& path);
  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  // Returns the next name; nullopt at the end.
  Result<std::optional<std::string>> next();

 private:
  explicit Directory(void* handle) : handle_(handle) {}

  void* handle_;
};

// Returns all names in no particular order.
Result<std::vector<std::string>> list_directory(const std::string& path);

}  // namespace reqmail::sys
