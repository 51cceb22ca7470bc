#include "compat/quiet_open.h"

#include <fcntl.h>

#include <cerrno>

namespace reqmail::compat {

int open_quietly(const char* path) {
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
#if defined(O_NOATIME)
  const int fd = ::open(path, kFlags | O_NOATIME);
  if (fd >= 0 || errno != EPERM) {  // only the owner and root may use O_NOATIME
    return fd;
  }
#endif
  return ::open(path, kFlags);
}

}  // namespace reqmail::compat
