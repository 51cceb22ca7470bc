// What qmail-newpasswd does to users: each function changes the text files and makes the
// databases anew, under the lock.
#pragma once

#include <optional>
#include <string>

#include "auth/user_file.h"
#include "base/result.h"
#include "sys/process.h"

namespace reqmail::auth {

// What is to be changed of a user; what is absent stays.
struct UserChange {
  std::optional<std::string> hash;
  std::optional<sys::Identity> identity;
  std::optional<std::string> gecos;
  std::optional<std::string> home;
  std::optional<std::string> shell;
};

// Remarks are lines for standard error.
struct Done {
  std::string output;
  std::string remarks;
};

// Makes the database of users/passwd or users/secrets. Remarks on logins that will be refused.
Result<Done> rebuild(UserFileKind kind);

// Whether a login is there already, so that nobody types a password in vain.
Result<void> expect_login(UserFileKind kind, const std::string& login, bool there);

Result<Done> add_user(const std::string& login, const UserChange& user);
Result<Done> change_user(const std::string& login, const UserChange& change);
// Adds or replaces a stored secret.
Result<Done> set_secret(const std::string& login, const std::string& secret, bool there);
// Of users/passwd: with the stored secret of that login.
Result<Done> remove_login(UserFileKind kind, const std::string& login);
Result<Done> lock_user(const std::string& login);
Result<Done> unlock_user(const std::string& login);

// One line for each login: login, uid, gid, state and home of users/passwd, and what has a
// stored secret only; of users/secrets the logins. Never a hash or a secret.
Result<Done> list_logins(UserFileKind kind);

}  // namespace reqmail::auth
