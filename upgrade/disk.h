// File operations of qmail-upgrade in addition to sys/file.h: owners, modes, links and copies.
//
// Operations that make, replace or give away files use descriptors (sys/held_directory.h),
// since control files, rules and certificates may be, by links, in directories of other
// accounts. Paths are absolute, and links in paths from check have been resolved.
//
// Failure.error is always the errno, and Failure.text names the path.
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

// The owner, group and mode of a file.
struct Access {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;  // permission bits, with setuid and the like
};

Access access_of(const struct ::stat& status);

// Sets the owner first, since chown(2) clears the setuid bit.
Result<void> set_access(int fd, const Access& access);
// Does the same for a directory or a regular file. It is EMLINK if the file has other names and
// others than root can have made them.
Result<void> set_access(const std::string& path, const Access& access);

// Makes a new file, after removing an existing one, and syncs it. The caller must sync the
// directory.
Result<void> write_file(const std::string& path, std::string_view content,
                        const Access& access);

// The same with the bytes of another file; without `access` it gets owner, mode and times of
// that file.
Result<void> copy_file(const std::string& from, const std::string& to,
                       const std::optional<Access>& access);

// Makes another name for the file at `from` (for a symbolic link: for the link itself), so that
// inode, owner, mode and times are kept; on another file system it makes a copy. A file at `to`
// is removed first.
Result<void> keep_file(const std::string& from, const std::string& to);

// Calls rename(2).
Result<void> rename_file(const std::string& from, const std::string& to);

// Makes a directory; succeeds if it exists.
Result<void> make_directory(const std::string& path, mode_t mode);
// Makes a directory and all directories above it, and syncs the parents of new ones.
Result<void> make_directories(const std::string& path, mode_t mode);
Result<void> remove_directory(const std::string& path);

// Removes a file; succeeds if it does not exist.
Result<void> remove_if_there(const std::string& path);

// Removes a directory with its contents; succeeds if it does not exist.
Result<void> remove_tree(const std::string& path);

}  // namespace reqmail::upgrade
