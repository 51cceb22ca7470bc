// Running a checkpassword program: user name and secret on its descriptor 3, its exit code as
// the answer. Any program with that interface serves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "mail/verdict_codec.h"

namespace reqmail::auth {

struct Login {
  std::string_view user;
  std::string_view secret;     // the password, or the digest of a challenge
  std::string_view challenge;  // empty with a password
};

// Runs `checker` (a program, looked up in PATH, and its arguments) as this process's user with
// descriptors 0 and 1 on /dev/null, 2 as it is, 3 with the login, and nothing else open. It is
// killed after `limit`, which is trouble, as it is when it cannot run. SIGPIPE is ignored from
// now on.
mail::LoginVerdict check_password(const std::vector<std::string>& checker, const Login& login,
                                  base::Seconds limit);

}  // namespace reqmail::auth
