// The input of a checkpassword program on descriptor 3.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::auth {

// The longest input in bytes.
inline constexpr std::size_t kLoginFieldsMax = 512;

// A login, its password, and a challenge, which qmail-popup always sends, and qmail-smtpd with
// CRAM-MD5. If there is a challenge, the password may be the response to it. The destructor
// overwrites all of them.
struct LoginFields {
  std::string login;
  std::string secret;
  std::string challenge;

  LoginFields() = default;
  LoginFields(const LoginFields&) = delete;
  LoginFields& operator=(const LoginFields&) = delete;
  LoginFields(LoginFields&&) = delete;
  LoginFields& operator=(LoginFields&&) = delete;
  ~LoginFields();
};

// Parses the input: login NUL secret NUL, and perhaps a challenge, which ends at a NUL or at
// the end. The rest is ignored. Returns false if login or secret have no NUL.
bool parse_login_fields(std::string_view bytes, LoginFields& fields);

}  // namespace reqmail::auth
