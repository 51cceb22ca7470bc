#include "sys/confine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>

#include "compat/no_new_privs.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/secrets.h"

namespace reqmail::sys {

namespace {

// Nothing can be made in a directory that has been removed. Where that does not work the
// identity alone must do.
void enter_nowhere() {
  char path[] = "/tmp/qmail.XXXXXX";
  if (::mkdtemp(path) == nullptr) {
    return;
  }
  const Fd nowhere(::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  (void)::rmdir(path);
  if (nowhere.valid() && ::fchdir(nowhere.get()) == 0) {
    (void)!::chroot(".");
  }
}

}  // namespace

Result<void> confine(const std::optional<Identity>& identity, int first_descriptor,
                     compat::Calls calls) {
  close_from(first_descriptor);
  if (::geteuid() == 0) {
    if (!identity || identity->uid == 0) {
      return system_failure("unable to change identity", ENOENT);
    }
    enter_nowhere();
    if (auto done = become_without_groups(*identity); !done) {
      return done;
    }
  }
  compat::forbid_new_privileges();
  hide_memory();
  // A kernel without it leaves the rest.
  (void)compat::allow_only(calls);
  return {};
}

}  // namespace reqmail::sys
