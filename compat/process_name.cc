#include "compat/process_name.h"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace reqmail::compat {

void set_process_name([[maybe_unused]] const char* name) {
#if defined(__linux__)
  (void)::prctl(PR_SET_NAME, name, 0, 0, 0);
#endif
}

}  // namespace reqmail::compat
