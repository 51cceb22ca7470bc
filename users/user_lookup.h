// Finds the user who gets mail for a local part: in users/cdb (qmail-users(5)), or else among
// the accounts of the system (qmail-getpw(8)).
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

// The user as whom a delivery runs, and the part of the .qmail file name that controls it.
struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  std::string dash;
  std::string extension;
};

// Parses six fields, each followed by NUL: name, uid, gid, home, dash, extension; what follows
// is ignored. If the uid is not a number or too large, it becomes 0, and no mail is delivered
// as root. Returns nullopt if a field is missing or the gid is not a number.
std::optional<User> parse_user(std::string_view fields);

// Returns the six fields of a user, each followed by NUL.
std::string format_user(const User& user);

// The assignments in users/cdb. The file stays open until it is replaced or changed.
class Assignments {
 public:
  explicit Assignments(std::string path) : path_(std::move(path)) {}

  // Returns the six fields for a local part: those of its simple assignment, or else of the
  // longest prefix with a wildcard assignment, where the rest of the local part is appended to
  // the extension. Returns nullopt if no assignment matches or the file does not exist. It is a
  // Failure if the file cannot be read.
  Result<std::optional<std::string>> find(std::string_view local_part);

 private:
  // Opens the file if necessary; returns whether it exists.
  Result<bool> open();

  std::string path_;
  std::optional<sys::FileVersion> seen_;
  std::optional<sys::CdbReader> file_;
  // The last bytes of the prefixes of wildcard assignments.
  std::string ends_;
};

// --- Accounts ---

// Account names of this length or longer are not looked up.
inline constexpr std::size_t kAccountNameLimit = 32;

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

// The system's accounts, as the look-up needs them.
class Accounts {
 public:
  Accounts() = default;
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;
  Accounts(Accounts&&) = delete;
  Accounts& operator=(Accounts&&) = delete;
  virtual ~Accounts() = default;

  // Returns nullopt if there is no such account; it is a Failure if that cannot be determined
  // now.
  virtual Result<std::optional<Account>> find(const std::string& name) = 0;
  // Returns the owner of a path; nullopt if it does not exist.
  virtual Result<std::optional<uid_t>> owner(const std::string& path) = 0;
};

enum class LookupTrouble {
  no_alias,  // there is neither a user nor the alias account
  home,      // a home directory cannot be examined now
  accounts,  // the accounts cannot be looked up now
};

// Finds the account whose name, in any case, is the beginning of the local part and is followed
// by `break_character` or the end. It is the longest such name whose account is not root and
// owns its home. Otherwise it is the account `alias` with the whole local part as extension.
std::variant<User, LookupTrouble> find_account(Accounts& accounts, std::string_view local_part,
                                               char break_character, const std::string& alias);

}  // namespace reqmail::users
