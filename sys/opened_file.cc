#include "sys/opened_file.h"

#include <cerrno>
#include <utility>

#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

bool is_null_device(const struct ::stat& status) {
  struct ::stat null = {};
  return S_ISCHR(status.st_mode) && ::stat("/dev/null", &null) == 0 &&
         status.st_rdev == null.st_rdev;
}

}  // namespace

Result<struct ::stat> regular_status(int fd, bool to_read) {
  const auto found = status(fd);
  if (!found || S_ISREG(found->st_mode) ||
      (to_read && (S_ISDIR(found->st_mode) || is_null_device(*found)))) {
    return found;
  }
  return system_failure("not a regular file", ENXIO);
}

Result<OpenedFile> open_regular_with_status(const std::string& path) {
  auto file = open_read_nonblocking(path);
  if (!file) {
    return file.error();
  }
  const auto status = regular_status(file->get(), true);
  if (!status) {
    return status.error();
  }
  return OpenedFile{std::move(*file), *status};
}

}  // namespace reqmail::sys
