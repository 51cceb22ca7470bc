// Files that belong to one of qmail's accounts and contain secrets. Root writes and checks
// them.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "sys/process.h"

namespace reqmail::sys {

struct Ownership {
  uid_t uid;
  gid_t gid;
  mode_t mode;
};

// Replaces `path` by a file with `content`, so that after a crash the old or the new file
// exists and no other account can read the new one at any time. It uses PATH.tmp and first
// removes one that was left over, so the caller must make sure that only one process does this.
Result<void> replace_owned_file(const std::string& path, const std::string& content,
                                const Ownership& ownership);

// Makes another name for a file; Failure.error is EEXIST if the name exists.
Result<void> link_file(const std::string& from, const std::string& to);

// Makes a directory with exactly these permissions; an existing one is left as it is.
Result<void> make_owned_directory(const std::string& path, const Ownership& ownership);

// Returns the errno that a process of this identity gets when it opens the path for reading, or
// 0 if that succeeds. It is a Failure if this process may not change its identity.
Result<int> read_error_of(const Identity& identity, const std::string& path);

}  // namespace reqmail::sys
