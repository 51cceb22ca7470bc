// Reads and writes the files of qmail-pw2u(8).
#pragma once

#include "base/result.h"
#include "users/assign_from_passwd.h"

namespace reqmail::users {

// Adds users/include, users/exclude and users/mailnames to `rules`, reads a passwd file from
// descriptor `input`, and writes all assignments, with those of users/subusers and users/append
// and the final dot, to descriptor `output`. Paths are relative to the current directory.
// Failure.text is what qmail-pw2u prints.
Result<void> write_passwd_assignments(PasswdRules rules, int input, int output);

}  // namespace reqmail::users
