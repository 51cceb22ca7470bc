#include "compat/no_tracing.h"

#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__FreeBSD__)
#include <sys/procctl.h>
#endif

namespace reqmail::compat {

void forbid_tracing() {
#if defined(__linux__)
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#elif defined(__FreeBSD__)
  int off = PROC_TRACE_CTL_DISABLE_EXEC;
  (void)::procctl(P_PID, 0, PROC_TRACE_CTL, &off);
#endif
}

}  // namespace reqmail::compat
