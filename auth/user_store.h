// users/passwd, users/secrets and their databases on disk, below the current directory, which
// is qmail's home. Only root uses this.
#pragma once

#include <string>

#include "auth/user_file.h"
#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::auth {

// Waits for the lock that keeps other processes from changing the files; it lasts until the
// descriptor is closed.
Result<sys::Fd> lock_users();

// Reads a file. A Failure names the file; its errno is ENOENT if the file is missing.
Result<UserFile> read_user_file(UserFileKind kind);

// The same, but a missing file counts as empty.
Result<UserFile> read_or_begin(UserFileKind kind);

// Each replaces its file atomically and durably; only root can read the new file.
Result<void> write_user_file(const UserFile& file);
Result<void> write_database(const UserFile& file);

// Returns whether others than root may read the file.
bool others_can_read(UserFileKind kind);

}  // namespace reqmail::auth
