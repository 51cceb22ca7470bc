// The accounts of the system through NSS: for programs that link the shared libc.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/process.h"

namespace reqmail::sys {

struct PasswdEntry {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  std::string shell;
  std::string password;  // the hash, or "x" where that is kept elsewhere
};

// Nothing where there is no such account. Where that cannot be told now (a directory server
// that does not answer, no descriptors, no memory), a temporary Failure.
Result<std::optional<PasswdEntry>> find_passwd_entry(const std::string& name);

// As become() of sys/identity.h, with the supplementary groups that the system knows of `name`.
Result<void> become_account(const std::string& name, const Identity& identity);

}  // namespace reqmail::sys
