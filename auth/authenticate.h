// Who may log in: the decision of qmail-checkpassword.
#pragma once

#include <optional>
#include <string>

#include "auth/login_fields.h"
#include "base/result.h"
#include "sys/process.h"

namespace reqmail::auth {

// Whom the program behind qmail-checkpassword runs as.
struct LoginAccount {
  std::string user;  // USER
  sys::Identity identity;
  std::string home;
  std::string shell;
  bool of_system = false;  // the system knows its supplementary groups
};

// The account of a login that has proved itself, by its password or by the answer to its
// challenge; nothing where it is refused. `directory` holds passwd.cdb and secrets.cdb. A login
// in passwd.cdb is decided there, one without @ may be an account of the system. A Failure:
// that cannot be told now; its text is fit for a log and names no login.
//
// Refusals take the same time, whatever they are for: PasswordTrial.
Result<std::optional<LoginAccount>> authenticate(const LoginFields& fields,
                                                 const std::string& directory);

}  // namespace reqmail::auth
