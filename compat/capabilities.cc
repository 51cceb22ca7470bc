#include "compat/capabilities.h"

#if defined(__linux__)
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace reqmail::compat {

void drop_capabilities() {
#if defined(__linux__)
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) {
    return;
  }
  for (__user_cap_data_struct& set : sets) {
    set.effective = 0;
    set.permitted = 0;
  }
  (void)::syscall(SYS_capset, &header, sets);
#endif
}

}  // namespace reqmail::compat
