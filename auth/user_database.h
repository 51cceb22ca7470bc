// users/passwd.cdb and users/secrets.cdb, which qmail-newpasswd makes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/user_line.h"
#include "base/result.h"
#include "sys/cdb.h"

namespace reqmail::auth {

// Keys that cannot be logins. Their values are samples of the costs of hashes, for logins
// without '@' and for logins with it: a list of settings for crypt(3), each followed by NUL.
inline constexpr std::string_view kAccountCosts = "";
inline constexpr std::string_view kAddressCosts = "@";

std::string encode_settings(const std::vector<std::string>& settings);

// Reads one of the databases. A missing file counts as empty. A Failure names the file, which
// is damaged, not readable, or writable by others than root.
class UserDatabase {
 public:
  static Result<UserDatabase> open(const std::string& path);

  Result<std::optional<User>> find_user(std::string_view login);
  Result<std::optional<std::string>> find_secret(std::string_view login);
  Result<std::vector<std::string>> settings(std::string_view key);

 private:
  explicit UserDatabase(std::string path) : path_(std::move(path)) {}

  Result<std::optional<std::string>> find(std::string_view key);
  [[nodiscard]] Failure damaged() const;

  std::string path_;
  std::optional<sys::CdbReader> cdb_;
};

}  // namespace reqmail::auth
