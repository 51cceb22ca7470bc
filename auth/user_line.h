// Lines of users/passwd and users/secrets (the format is in qmail-users(5)), and the records
// that qmail-newpasswd makes from them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::auth {

// A login's account and password hash. The record of users/passwd.cdb for a login is its line
// after the first colon.
struct User {
  std::string hash;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string gecos;
  std::string home;
  std::string shell;
};

struct UserLine {
  std::string login;
  User user;
};

struct SecretLine {
  std::string login;
  std::string secret;
};

// Parses a line `login:hash:uid:gid:gecos:home:shell` without its line feed. The text of a
// Failure says what is wrong with it.
Result<UserLine> parse_user_line(std::string_view line);

// Parses the part after `login:`.
Result<User> parse_user(std::string_view fields);

// Parses a line `login:secret`; the secret may contain colons.
Result<SecretLine> parse_secret_line(std::string_view line);

// These are the inverses.
std::string user_fields(const User& user);

// Checks whether a text can be a login: it is not empty, has no colon, blank or control
// character, and does not begin with the character of a comment (#), of the end line (.) or of
// a record of our own (@). A Failure says what is wrong.
Result<void> check_login(std::string_view login);

// Returns the key of a login: addresses (with '@') in lower case, account names unchanged.
std::string login_key(std::string_view login);

inline bool is_address(std::string_view login) {
  return login.find('@') != std::string_view::npos;
}

}  // namespace reqmail::auth
