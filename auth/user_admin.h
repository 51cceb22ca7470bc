// How qmail-newpasswd changes users: each function changes the text files and makes the
// databases again, under the lock.
#pragma once

#include <optional>
#include <string>

#include "auth/user_file.h"
#include "base/result.h"
#include "sys/process.h"

namespace reqmail::auth {

// The changes of a user; fields without a value stay.
struct UserChange {
  std::optional<std::string> hash;
  std::optional<sys::Identity> identity;
  std::optional<std::string> gecos;
  std::optional<std::string> home;
  std::optional<std::string> shell;
};

// The result of a change; remarks are lines for standard error.
struct Done {
  std::string output;
  std::string remarks;
};

// Makes the database of users/passwd or users/secrets; the remarks name logins that will be
// refused.
Result<Done> rebuild(UserFileKind kind);

// Checks whether a login exists as expected, so that nobody types a password in vain.
Result<void> expect_login(UserFileKind kind, const std::string& login, bool there);

Result<Done> add_user(const std::string& login, const UserChange& user);
Result<Done> change_user(const std::string& login, const UserChange& change);
// Adds a stored secret, or replaces it if `there` is true.
Result<Done> set_secret(const std::string& login, const std::string& secret, bool there);
// Removes a login; from users/passwd together with its stored secret.
Result<Done> remove_login(UserFileKind kind, const std::string& login);
Result<Done> lock_user(const std::string& login);
Result<Done> unlock_user(const std::string& login);

// Returns one line for each login. For users/passwd it has login, uid, gid, state and home, and
// there are lines for logins that have only a stored secret; for users/secrets it has the
// login. No hash or secret is shown.
Result<Done> list_logins(UserFileKind kind);

}  // namespace reqmail::auth
