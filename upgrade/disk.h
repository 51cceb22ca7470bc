// File operations of qmail-upgrade beyond sys/file.h: owners, modes, links and whole copies.
//
// What makes, replaces or gives away a file goes by descriptor (sys/held_directory.h): control
// files, rules and certificates may lie, by links, in directories of other accounts. Paths are
// absolute; of those that come from check, links are followed before.
//
// Failure.error is always the errno, Failure.text names the path.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "survey/paths.h"
#include "sys/fd.h"

namespace reqmail::upgrade {

// Whom a file belongs to and who may use it.
struct Access {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;  // permission bits, setuid and its kind included
};

Access access_of(const struct ::stat& status);

// Owner first: chown(2) clears the setuid bit.
Result<void> set_access(int fd, const Access& access);
// Of a directory or a regular file. EMLINK for one that has other names too where others than
// root can have made them.
Result<void> set_access(const std::string& path, const Access& access);

// A new file (one that lies there is removed first), synced. Its directory is the caller's.
Result<void> write_file(const std::string& path, std::string_view content,
                        const Access& access);

// The same with the bytes of another file; `access` absent: owner, mode and times of that file.
Result<void> copy_file(const std::string& from, const std::string& to,
                       const std::optional<Access>& access);

// A second name for what lies at `from` (for a symbolic link: the link itself), so that inode,
// owner, mode and times stay; on another file system a copy. What lies at `to` is removed
// first.
Result<void> keep_file(const std::string& from, const std::string& to);

// rename(2).
Result<void> rename_file(const std::string& from, const std::string& to);

// Success where the directory is there already.
Result<void> make_directory(const std::string& path, mode_t mode);
// The same with all directories above it; those that are made are synced into their parents.
Result<void> make_directories(const std::string& path, mode_t mode);
Result<void> remove_directory(const std::string& path);

// Success where there is nothing.
Result<void> remove_if_there(const std::string& path);

// The directory and all that is in it. Success where there is nothing.
Result<void> remove_tree(const std::string& path);

}  // namespace reqmail::upgrade
