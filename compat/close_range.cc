#include "compat/close_range.h"

#include <fcntl.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace reqmail::compat {

void set_close_on_exec_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
  constexpr unsigned kCloseOnExec = 4;  // CLOSE_RANGE_CLOEXEC
  // The number is used because the C library may be older than the kernel.
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, kCloseOnExec) == 0) {
    return;
  }
#endif
  const int limit = ::getdtablesize();
  for (int fd = first; fd < limit; ++fd) {
    (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

void close_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) {
    return;
  }
#endif
  const int limit = ::getdtablesize();
  for (int fd = first; fd < limit; ++fd) {
    (void)::close(fd);
  }
}

}  // namespace reqmail::compat
