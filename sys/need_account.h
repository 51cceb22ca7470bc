// The accounts without which a daemon cannot start.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "sys/identity.h"

namespace reqmail::sys {

// Each returns the id of its account or group. If that does not exist, it writes "PROGRAM:
// fatal: unable to find account NAME" (or "group NAME") to descriptor 2 and ends the process
// with 111.
uid_t need_uid(std::string_view program, Account account);
Identity need_identity(std::string_view program, Account account);
gid_t need_gid(std::string_view program, Group group);

}  // namespace reqmail::sys
