#include "sys/confine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>

#include "compat/capabilities.h"
#include "compat/no_new_privs.h"
#include "compat/reading_filter.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/secrets.h"

namespace reqmail::sys {

namespace {

// Makes a removed directory, in which nothing can be created, the root directory. If that
// fails, the process is confined by its identity alone.
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

bool confine_calls(compat::Calls calls) {
  compat::forbid_new_privileges();
  hide_memory();
  // If the kernel has no such filter, the other steps must suffice.
  return compat::allow_only(calls);
}

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
  (void)confine_calls(calls);
  return {};
}

Result<bool> confine_dispatcher() {
  if (::getuid() == 0 || ::geteuid() == 0) {
    return system_failure("unable to confine root", EPERM);
  }
  compat::drop_capabilities();
  return confine_calls(compat::Calls::dispatching) && compat::checks_new_sockets();
}

Result<void> confine_child() {
  if (!compat::forbid_processes()) {
    return system_failure("unable to give up processes");
  }
  return {};
}

void confine_to_reading() {
  compat::forbid_new_privileges();
  (void)compat::only_read_files(false);
}

}  // namespace reqmail::sys
