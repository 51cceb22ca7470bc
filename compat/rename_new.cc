#include "compat/rename_new.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

namespace reqmail::compat {

RenameOutcome rename_new(const char* from, const char* to) {
#if defined(RENAME_NOREPLACE)
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
    return RenameOutcome::renamed;
  }
  // Kernels and file systems that do not know the flag use one of these.
  return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP ? RenameOutcome::unsupported
                                                                   : RenameOutcome::failed;
#else
  (void)from;
  (void)to;
  return RenameOutcome::unsupported;
#endif
}

}  // namespace reqmail::compat
