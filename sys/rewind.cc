#include "sys/rewind.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace reqmail::sys {

namespace {

// Returns whether the descriptor is /dev/null opened write-only, which
// fill_standard_descriptors() puts in place of a missing input.
bool was_missing(int fd) {
  struct stat input = {};
  struct stat null = {};
  return (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY && ::fstat(fd, &input) == 0 &&
         ::stat("/dev/null", &null) == 0 && S_ISCHR(input.st_mode) &&
         input.st_rdev == null.st_rdev;
}

}  // namespace

Result<void> rewind_input(int fd) {
  if (was_missing(fd)) {
    return temporary("", EBADF);
  }
  if (::lseek(fd, 0, SEEK_SET) != 0) {
    return temporary("", errno);
  }
  return {};
}

}  // namespace reqmail::sys
