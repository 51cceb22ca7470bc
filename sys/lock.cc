#include "sys/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

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

struct flock one_byte(short type, off_t at) {
  struct flock record = {};
  record.l_type = type;
  record.l_whence = SEEK_SET;
  record.l_start = at;
  record.l_len = 1;
  return record;
}

Result<void> set_byte(int fd, int command, short type, off_t at) {
  struct flock record = one_byte(type, at);
  for (;;) {
    if (::fcntl(fd, command, &record) == 0) {
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

Result<void> lock_byte(int fd, off_t at) {
  return set_byte(fd, F_SETLKW, F_WRLCK, at);
}

Result<void> try_lock_byte(int fd, off_t at) {
  return set_byte(fd, F_SETLK, F_WRLCK, at);
}

void unlock_byte(int fd, off_t at) {
  (void)set_byte(fd, F_SETLK, F_UNLCK, at).has_value();
}

bool is_byte_locked(int fd, off_t at) {
  struct flock record = one_byte(F_WRLCK, at);
  return ::fcntl(fd, F_GETLK, &record) == 0 && record.l_type != F_UNLCK;
}

}  // namespace reqmail::sys
