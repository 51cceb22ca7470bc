// Runs a checkpassword program, which gets user name and secret on its descriptor 3 and answers
// by its exit code. Any program with that interface can be used.
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
  std::string_view secret;     // the password, or the response to the challenge
  std::string_view challenge;  // empty if `secret` is a password
};

// Runs `checker`, which is a program (looked up in PATH) and its arguments, as this process's
// user. Its descriptors 0 and 1 are /dev/null, 2 is unchanged, 3 has the login, and no others
// are open. It is killed after `limit`. The verdict is `trouble` then, and also if it cannot be
// executed. SIGPIPE is ignored from now on.
mail::LoginVerdict check_password(const std::vector<std::string>& checker, const Login& login,
                                  base::Seconds limit);

}  // namespace reqmail::auth
