// Files that belong to one of qmail's accounts and hold secrets, as root writes and checks
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

// Replaces `path` by `content`, so that a crash leaves the old or the new file and nobody else
// can read the new one at any time. The caller keeps others from doing the same: PATH.tmp is
// used, and one that is left over is removed first.
Result<void> replace_owned_file(const std::string& path, const std::string& content,
                                const Ownership& ownership);

// A second name for a file; a Failure with EEXIST where the name is taken.
Result<void> link_file(const std::string& from, const std::string& to);

// A directory with these very permissions; one that is there already is left as it is.
Result<void> make_owned_directory(const std::string& path, const Ownership& ownership);

// The errno that a process of this identity gets when it opens the path for reading, 0 for
// success. A Failure where this process may not become others.
Result<int> read_error_of(const Identity& identity, const std::string& path);

}  // namespace reqmail::sys
