// Passwords of the system's accounts, from the shadow file or through PAM; ./configure
// --with-pam decides which of the two is linked.
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

// How a login proves itself.
enum class Proof {
  password,  // by a password, which must still be checked
  digest,    // by its response to a challenge; only the state of the account must be checked
};

// Returns whether the login succeeds: the password matches, and the account is neither locked
// nor expired. `account` is the result of getpwnam(3); if it is nullopt, the result is false
// after the same time. It is a temporary Failure if passwords cannot be read now.
Result<bool> check_system_login(const LoginFields& fields,
                                const std::optional<sys::PasswdEntry>& account, Proof proof,
                                PasswordTrial& trial);

// Takes the time that check_system_login() takes for a login that does not exist, without the
// hashing. PAM's modules are not called, since they may count failures.
void look_for_no_system_login(const std::string& login);

// Returns a sample of the costs of the system's password hashes, as far as it is known.
std::vector<std::string> system_costs();

}  // namespace reqmail::auth
