// Files that belong to one of qmail's accounts and contain secrets. Root writes and checks
// them.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/process.h"

namespace reqmail::sys {

// As a group: the one that the file has, which is that of its directory if this is setgid.
constexpr gid_t kSameGroup = static_cast<gid_t>(-1);

struct Ownership {
  uid_t uid;
  gid_t gid;
  mode_t mode;
};

// Returns whether a file of this status has that owner, group and mode.
bool is_as_wanted(const struct ::stat& found, const Ownership& wanted);

// Sets what differs of owner, group and mode of an open file, of which `found` is the status
// and `name` is what a Failure calls it. Returns whether anything had to be changed. An owner
// that is right is not set again: in a user namespace this fails if it has no number there.
Result<bool> set_ownership(int fd, std::string_view name, const struct ::stat& found,
                           const Ownership& wanted);

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
