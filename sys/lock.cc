#include "sys/lock.h"

#include <sys/file.h>

#include <cerrno>

#include "sys/error.h"

namespace reqmail::sys {

namespace {

Result<void> lock(int fd, int operation) {
  for (;;) {
    if (::flock(fd, operation) == 0) {
      return {};
    }
    if (errno != EINTR) {
      return system_failure("unable to lock");
    }
  }
}

}  // namespace

Result<void> lock_exclusive(int fd) {
  return lock(fd, LOCK_EX);
}

Result<void> try_lock_exclusive(int fd) {
  return lock(fd, LOCK_EX | LOCK_NB);
}

}  // namespace reqmail::sys
