// users/passwd.cdb and users/secrets.cdb, as qmail-newpasswd makes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/user_line.h"
#include "base/result.h"
#include "sys/cdb.h"

namespace reqmail::auth {

// Keys that no login can have: what the hashes of logins without @, and of those with one, cost
// to check. The value is a list of settings for crypt(3), each ended by NUL.
inline constexpr std::string_view kAccountCosts = "";
inline constexpr std::string_view kAddressCosts = "@";

std::string encode_settings(const std::vector<std::string>& settings);

// One of the databases for reading. A missing file is one without records. A Failure names the
// file: damaged, unreadable, or written by somebody else than root.
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
