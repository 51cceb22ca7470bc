// The decision of qmail-checkpassword: which account a login gets.
#pragma once

#include <optional>
#include <string>

#include "auth/login_fields.h"
#include "base/result.h"
#include "sys/process.h"

namespace reqmail::auth {

// The account as which qmail-checkpassword executes its program.
struct LoginAccount {
  std::string user;  // USER
  sys::Identity identity;
  std::string home;
  std::string shell;
  bool of_system = false;  // the system has its supplementary groups
};

// Returns the account of a login that has proved itself by its password or by the answer to its
// challenge; nullopt if it is refused. `directory` contains passwd.cdb and secrets.cdb. A login
// in passwd.cdb is decided there; one without '@' may be an account of the system. It is a
// Failure if this cannot be decided now; its text may be logged and does not name the login.
//
// All refusals take the same time, whatever the reason (see PasswordTrial).
Result<std::optional<LoginAccount>> authenticate(const LoginFields& fields,
                                                 const std::string& directory);

}  // namespace reqmail::auth
