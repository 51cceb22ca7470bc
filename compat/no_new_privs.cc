#include "compat/no_new_privs.h"

#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__FreeBSD__)
#include <sys/procctl.h>
#endif

namespace reqmail::compat {

void forbid_new_privileges() {
#if defined(__linux__)
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#elif defined(PROC_NO_NEW_PRIVS_CTL)
  int on = PROC_NO_NEW_PRIVS_ENABLE;
  (void)::procctl(P_PID, 0, PROC_NO_NEW_PRIVS_CTL, &on);
#endif
}

bool are_new_privileges_forbidden() {
#if defined(__linux__)
  return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
#else
  return false;
#endif
}

}  // namespace reqmail::compat
