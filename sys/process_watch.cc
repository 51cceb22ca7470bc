#include "sys/process_watch.h"

#include "compat/process_watch.h"

namespace reqmail::sys {

Fd watch_process(pid_t process) {
  return Fd(compat::watch_process(process));
}

}  // namespace reqmail::sys
