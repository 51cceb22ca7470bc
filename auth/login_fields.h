// What a checkpassword program gets on descriptor 3.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::auth {

// No caller may hand over more.
inline constexpr std::size_t kLoginFieldsMax = 512;

// A login, its password, and a third text that qmail-popup always gives and qmail-smtpd with
// CRAM-MD5: then the password may be the answer to that challenge. Overwritten at the end.
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

// Takes apart what was read: login NUL secret NUL, perhaps a challenge, which a NUL or the end
// ends; what follows is ignored. False where login or secret lack their NUL.
bool parse_login_fields(std::string_view bytes, LoginFields& fields);

}  // namespace reqmail::auth
