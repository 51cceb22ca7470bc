#include "sys/passwd.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

#include "sys/error.h"
#include "sys/identity.h"

namespace reqmail::sys {

namespace {

// POSIX lets getpwnam_r() report a missing account by 0 or by one of these; some sources return
// EINVAL or ENOTDIR for a name that is not valid.
bool means_absent(int error) {
  switch (error) {
  case 0:
  case ENOENT:
  case ESRCH:
  case EBADF:
  case EPERM:
  case EINVAL:
  case ENOTDIR:
    return true;
  default:
    return false;
  }
}

}  // namespace

Result<std::optional<PasswdEntry>> find_passwd_entry(const std::string& name) {
  constexpr std::size_t kFirstSize = 1024;
  constexpr std::size_t kLastSize = std::size_t{1} << 20;
  std::vector<char> buffer(kFirstSize);
  for (;;) {
    struct passwd entry = {};
    struct passwd* found = nullptr;
    const int error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) {
      return std::optional<PasswdEntry>(PasswdEntry{entry.pw_name, entry.pw_uid, entry.pw_gid,
                                                    entry.pw_dir, entry.pw_shell,
                                                    entry.pw_passwd});
    }
    if (error == ERANGE && buffer.size() < kLastSize) {
      buffer.resize(buffer.size() * 4);
      continue;
    }
    if (error == EINTR) {
      continue;
    }
    if (means_absent(error)) {
      return std::optional<PasswdEntry>();
    }
    Failure failure = system_failure("unable to look up account", error);
    failure.permanence = Permanence::temporary;
    return failure;
  }
}

Result<void> become_account(const std::string& name, const Identity& identity) {
  if (::initgroups(name.c_str(), identity.gid) != 0) {
    return system_failure("unable to change identity");
  }
  return take_ids(identity);
}

}  // namespace reqmail::sys
