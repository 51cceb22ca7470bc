#include "compat/sync_data.h"

#include <fcntl.h>
#include <unistd.h>

namespace reqmail::compat {

void start_writing(int fd) {
#if defined(__linux__)
  (void)::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
  (void)fd;
#endif
}

bool sync_file_system(int fd) {
#if defined(__linux__)
  return ::syncfs(fd) == 0;
#else
  (void)fd;
  ::sync();
  return true;
#endif
}

}  // namespace reqmail::compat
