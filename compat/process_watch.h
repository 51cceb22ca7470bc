// How a process learns that another one, which is not its child, has ended.
#pragma once

#include <sys/types.h>

namespace reqmail::compat {

// Returns a descriptor, which is close-on-exec, that becomes readable when the process ends; -1
// if there is no such process or the system has no such descriptors.
int watch_process(pid_t process);

}  // namespace reqmail::compat
