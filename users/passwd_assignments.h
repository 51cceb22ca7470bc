// The files that qmail-pw2u(8) reads and writes.
#pragma once

#include "base/result.h"
#include "users/assign_from_passwd.h"

namespace reqmail::users {

// Adds to `rules` what users/include, users/exclude and users/mailnames say; reads a passwd
// file from descriptor `input` and writes all assignments, those of users/subusers and
// users/append and the final dot included, to descriptor `output`. Paths are relative to the
// current directory. Failure.text is what qmail-pw2u says.
Result<void> write_passwd_assignments(PasswdRules rules, int input, int output);

}  // namespace reqmail::users
