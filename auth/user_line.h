// Lines of users/passwd and users/secrets (qmail-users(5) has the format), and the records that
// qmail-newpasswd makes of them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::auth {

// Who a login is and what proves it. The record of users/passwd.cdb under a login's key is the
// line behind the first colon.
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

// A line `login:hash:uid:gid:gecos:home:shell` without its line feed. The text of the Failure
// says what is wrong with it.
Result<UserLine> parse_user_line(std::string_view line);

// The same behind `login:`.
Result<User> parse_user(std::string_view fields);

// A line `login:secret`; the secret may hold colons.
Result<SecretLine> parse_secret_line(std::string_view line);

// The inverses.
std::string user_fields(const User& user);

// Whether a text can be a login: not empty, no colon, no blank or control character, and not
// taken for a comment (#), the end of the file (.) or one of our own records (@) by its first
// character. Nothing, or what is wrong.
Result<void> check_login(std::string_view login);

// Under which key a login stands: addresses (with an @) in lower case, account names as they
// are.
std::string login_key(std::string_view login);

inline bool is_address(std::string_view login) {
  return login.find('@') != std::string_view::npos;
}

}  // namespace reqmail::auth
