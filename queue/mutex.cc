#include "queue/mutex.h"

#include "sys/file.h"
#include "sys/lock.h"

namespace reqmail::queue {

Result<sys::Fd> take_send_mutex() {
  auto file = sys::open_regular_write("lock/sendmutex");
  if (!file) {
    return file;
  }
  if (auto locked = sys::try_lock_exclusive(file->get()); !locked) {
    return locked.error();
  }
  return file;
}

}  // namespace reqmail::queue
