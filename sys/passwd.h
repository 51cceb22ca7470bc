// The accounts of the system, looked up through NSS. This is for programs that link the shared
// libc.
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

// Returns nullopt if there is no such account. If that cannot be determined now (the directory
// server does not answer, no descriptors, no memory), it is a temporary Failure.
Result<std::optional<PasswdEntry>> find_passwd_entry(const std::string& name);

// Like become() in sys/identity.h, with the supplementary groups that the system has for
// `name`.
Result<void> become_account(const std::string& name, const Identity& identity);

}  // namespace reqmail::sys
