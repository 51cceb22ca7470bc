#include "sys/directory.h"

#include <dirent.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "sys/error.h"

namespace reqmail::sys {

Result<Directory> Directory::open(const std::string& path) {
  DIR* handle = ::opendir(path.c_str());
  if (handle == nullptr) {
    return system_failure(base::concat({"unable to open directory ", path}));
  }
  return Directory(handle);
}

Directory::Directory(Directory&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Directory::~Directory() {
  if (handle_ != nullptr) {
    (void)::closedir(static_cast<DIR*>(handle_));
  }
}

Result<std::optional<std::string>> Directory::next() {
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(static_cast<DIR*>(handle_));
    if (entry == nullptr) {
      if (errno != 0) {
        return system_failure("unable to read directory");
      }
      return std::optional<std::string>();
    }
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") {
      return std::optional<std::string>(name);
    }
  }
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  auto directory = Directory::open(path);
  if (!directory) {
    return directory.error();
  }
  std::vector<std::string> names;
  for (;;) {
    auto name = directory->next();
    if (!name) {
      return name.error();
    }
    if (!*name) {
      return names;
    }
    names.push_back(std::move(**name));
  }
}

}  // namespace reqmail::sys
