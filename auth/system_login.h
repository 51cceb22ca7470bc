// Passwords of the system's accounts: from the shadow file, or through PAM. One of the two is
// linked (./configure --with-pam).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/hash.h"
#include "auth/login_fields.h"
#include "base/result.h"
#include "base/time.h"
#include "sys/passwd.h"

namespace reqmail::auth {

// What a login had to show for itself.
enum class Proof {
  password,  // still to be checked
  digest,    // it answered a challenge already: is the account in force?
};

// Whether the login gets in: the password fits and the account is neither locked nor expired.
// `account` is what getpwnam(3) says, nothing where there is no such account: then the answer
// is no, after the same time. A temporary Failure where passwords cannot be read now.
Result<bool> check_system_login(const LoginFields& fields,
                                const std::optional<sys::PasswdEntry>& account, Proof proof,
                                PasswordTrial& trial);

// Takes the time that check_system_login() takes for a login that does not exist, hashes apart;
// PAM's modules, which may count failures, are not asked.
void look_for_no_system_login(const std::string& login);

// What the passwords of the system's accounts cost to check, as far as that is known.
std::vector<std::string> system_costs();

}  // namespace reqmail::auth
