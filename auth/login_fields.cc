#include "auth/login_fields.h"

#include "base/wipe.h"

namespace reqmail::auth {

namespace {

// Removes the text up to the first NUL and stores it; returns false if there is no NUL.
bool take_field(std::string_view& bytes, std::string& field) {
  const std::size_t end = bytes.find('\0');
  if (end == std::string_view::npos) {
    return false;
  }
  field.assign(bytes.substr(0, end));
  bytes.remove_prefix(end + 1);
  return true;
}

}  // namespace

LoginFields::~LoginFields() {
  base::wipe(login);
  base::wipe(secret);
  base::wipe(challenge);
}

bool parse_login_fields(std::string_view bytes, LoginFields& fields) {
  if (!take_field(bytes, fields.login) || !take_field(bytes, fields.secret)) {
    return false;
  }
  fields.challenge.assign(bytes.substr(0, bytes.find('\0')));
  return true;
}

}  // namespace reqmail::auth
