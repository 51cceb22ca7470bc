// Who gets mail for a local part: by users/cdb (qmail-users(5)), else by the accounts of the
// system (qmail-getpw(8)).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "sys/cdb.h"
#include "sys/file_version.h"

namespace reqmail::users {

// Whom a delivery is made as, and which .qmail file controls it.
struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  std::string dash;
  std::string extension;
};

// A user from six fields, each ended by NUL: name, uid, gid, home, dash, extension; what comes
// behind is not looked at. A uid that is no number, or none that a user may have, is 0: nobody
// is delivered to as root. Nothing where a field or the gid's number is missing.
std::optional<User> parse_user(std::string_view fields);

// The six fields of a user, each ended by NUL.
std::string format_user(const User& user);

// The assignments of a users/cdb, which stays open while the path leads to it and it is not
// changed.
class Assignments {
 public:
  explicit Assignments(std::string path) : path_(std::move(path)) {}

  // The six fields that the file has for a local part: by its simple assignment, else by the
  // longest prefix that has a wildcard assignment, the rest of the local part appended to the
  // extension. Nothing where no assignment fits or there is no such file. A file that cannot be
  // read is a Failure.
  Result<std::optional<std::string>> find(std::string_view local_part);

 private:
  // Whether there is such a file; then it is open.
  Result<bool> open();

  std::string path_;
  std::optional<sys::FileVersion> seen_;
  std::optional<sys::CdbReader> file_;
  // The bytes with which prefixes of wildcard assignments end.
  std::string ends_;
};

// --- Accounts ---

// Account names of this length and more are not looked for.
inline constexpr std::size_t kAccountNameLimit = 32;

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

// What the look-up asks of the system.
class Accounts {
 public:
  Accounts() = default;
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;
  Accounts(Accounts&&) = delete;
  Accounts& operator=(Accounts&&) = delete;
  virtual ~Accounts() = default;

  // Nothing where there is no such account; a Failure where that cannot be told now.
  virtual Result<std::optional<Account>> find(const std::string& name) = 0;
  // The owner of what lies at a path, nothing where nothing does.
  virtual Result<std::optional<uid_t>> owner(const std::string& path) = 0;
};

enum class LookupTrouble {
  no_alias,  // neither a user nor the alias account
  home,      // a home directory cannot be looked at now
  accounts,  // the accounts cannot be looked at now
};

// The account whose name the local part begins with, in any case, and which `break_character`
// or the end follows: the longest such name, if it is not root's and owns its home. Else the
// account `alias` with the whole local part as extension.
std::variant<User, LookupTrouble> find_account(Accounts& accounts, std::string_view local_part,
                                               char break_character, const std::string& alias);

}  // namespace reqmail::users
