#include "survey/paths.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string_view>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

Failure trouble(std::string_view what, const std::string& path) {
  return sys::system_failure(base::concat({"unable to ", what, " ", path}));
}

bool is_one_inode(const struct ::stat& one, const struct ::stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

Result<std::string> link_target(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  if (length < 0) {
    return trouble("read the link", path);
  }
  target.resize(static_cast<std::size_t>(length));
  return target;
}

bool is_there(const std::string& path) {
  return sys::link_status(path).has_value();
}

bool is_directory(const std::string& path) {
  const auto status = sys::status(path);
  return status && S_ISDIR(status->st_mode);
}

bool same_inode(const std::string& one, const std::string& other) {
  const auto first = sys::link_status(one);
  const auto second = sys::link_status(other);
  return first && second && is_one_inode(*first, *second);
}

bool same_place(const std::string& one, const std::string& other) {
  const auto first = sys::status(one);
  const auto second = sys::status(other);
  return first && second && is_one_inode(*first, *second);
}

bool same_file(const std::string& one, const std::string& other) {
  const auto first = sys::link_status(one);
  const auto second = sys::link_status(other);
  if (!first || !second) {
    return false;
  }
  if (is_one_inode(*first, *second)) {
    return true;
  }
  if (S_ISLNK(first->st_mode) && S_ISLNK(second->st_mode)) {
    return link_target(one).value_or("") == link_target(other).value_or("");
  }
  if (!S_ISREG(first->st_mode) || !S_ISREG(second->st_mode) ||
      first->st_size != second->st_size) {
    return false;
  }
  const auto content = sys::read_file(one, kLargestFile);
  const auto wanted = sys::read_file(other, kLargestFile);
  return content && wanted && *content == *wanted;
}

Result<std::string> real_path(const std::string& path) {
  std::string buffer(PATH_MAX, '\0');
  if (::realpath(path.c_str(), buffer.data()) == nullptr) {
    return trouble("find", path);
  }
  return std::string(buffer.c_str());
}

}  // namespace reqmail::survey
