// For tests that need the kernel's filters of system calls.
#pragma once

#include <sys/prctl.h>

namespace reqmail::tests {

// Returns whether this process can have a filter. It has none with a kernel without them, and
// in emulators of a processor, which make the system calls themselves.
inline bool has_call_filters() {
  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

}  // namespace reqmail::tests
