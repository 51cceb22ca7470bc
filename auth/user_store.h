// users/passwd, users/secrets and their databases on disk. All of it in the current directory,
// which is qmail's home; for root.
#pragma once

#include <string>

#include "auth/user_file.h"
#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::auth {

// Keeps others from changing the files until the descriptor is closed; waits for them.
Result<sys::Fd> lock_users();

// Failures name the file. A missing file is one with errno ENOENT.
Result<UserFile> read_user_file(UserFileKind kind);

// The same, a missing file being an empty one.
Result<UserFile> read_or_begin(UserFileKind kind);

// Each replaces its file in one step, readable by root alone, and brings it to disk.
Result<void> write_user_file(const UserFile& file);
Result<void> write_database(const UserFile& file);

// Whether others than root may read the file.
bool others_can_read(UserFileKind kind);

}  // namespace reqmail::auth
