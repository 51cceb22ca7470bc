// How a process learns that another one, which is not its child, has ended.
#pragma once

#include <sys/types.h>

#include "sys/fd.h"

namespace reqmail::sys {

// Returns a descriptor that becomes readable when the process ends. It is not valid if there is
// no such process or the system has no such descriptors.
Fd watch_process(pid_t process);

}  // namespace reqmail::sys
