// The accounts of the system through NSS: for programs that link the shared libc.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace reqmail::sys {

struct PasswdEntry {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

// Nothing where there is no such account. Where that cannot be told now (a directory server
// that does not answer, no descriptors, no memory), a temporary Failure.
Result<std::optional<PasswdEntry>> find_passwd_entry(const std::string& name);

}  // namespace reqmail::sys
