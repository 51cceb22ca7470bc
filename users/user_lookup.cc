#include "users/user_lookup.h"

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/cdb.h"
#include "sys/file.h"

namespace reqmail::users {

namespace {

// The largest id, since the number after it means "no change" to setuid(2).
constexpr std::uint64_t kIdMax = 0xfffffffe;

// Removes the next field from a record and returns it.
std::optional<std::string_view> take_field(std::string_view& fields) {
  const std::size_t end = fields.find('\0');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view field = fields.substr(0, end);
  fields.remove_prefix(end + 1);
  return field;
}

std::optional<unsigned> parse_id(std::string_view field) {
  const auto number = base::leading_number(field);
  if (!number || *number > kIdMax) {
    return std::nullopt;
  }
  return static_cast<unsigned>(*number);
}

}  // namespace

std::optional<User> parse_user(std::string_view fields) {
  const auto name = take_field(fields);
  const auto uid = take_field(fields);
  const auto gid = take_field(fields);
  const auto home = take_field(fields);
  const auto dash = take_field(fields);
  const auto extension = take_field(fields);
  // If any field is missing, so is the last one.
  if (!extension) {
    return std::nullopt;
  }
  const auto group = parse_id(*gid);
  const auto owner = parse_id(*uid).value_or(0);
  if (owner != 0 && !group) {
    return std::nullopt;
  }
  return User{std::string(*name), owner,
              group.value_or(0),  std::string(*home),
              std::string(*dash), std::string(*extension)};
}

std::string format_user(const User& user) {
  constexpr std::string_view kEnd("\0", 1);
  return base::concat({user.name, kEnd, base::decimal(user.uid), kEnd, base::decimal(user.gid),
                       kEnd, user.home, kEnd, user.dash, kEnd, user.extension, kEnd});
}

Result<bool> Assignments::open() {
  const auto status = sys::status(path_);
  if (!status) {
    file_.reset();
    seen_.reset();
    if (status.error().error == ENOENT) {
      return false;
    }
    return status.error();
  }
  const sys::FileVersion version = sys::version_of(*status);
  if (file_ && seen_ == version) {
    return true;
  }
  file_.reset();
  auto cdb = sys::CdbReader::open(path_);
  if (!cdb) {
    if (cdb.error().error == ENOENT) {
      return false;
    }
    return cdb.error();
  }
  // Every users/cdb has a record with the last bytes of wildcard assignments.
  auto ends = cdb->find("");
  if (!ends) {
    return ends.error();
  }
  if (!*ends) {
    return temporary("no users/cdb", EPROTO);
  }
  ends_ = **std::move(ends);
  file_ = *std::move(cdb);
  seen_ = version;
  return true;
}

Result<std::optional<std::string>> Assignments::find(std::string_view local_part) {
  const auto is_there = open();
  if (!is_there) {
    return is_there.error();
  }
  if (!*is_there) {
    return std::optional<std::string>();
  }
  std::string key = base::concat({"!", base::lower(local_part), std::string_view("\0", 1)});
  auto found = file_->find(key);
  key.pop_back();
  while (found && !*found && !key.empty()) {
    if (key.size() == 1 || ends_.find(key.back()) != std::string::npos) {
      found = file_->find(key);
    }
    if (found && *found) {
      (*found)->append(local_part.substr(key.size() - 1));
    }
    key.pop_back();
  }
  if (found && *found) {
    (*found)->push_back('\0');
  }
  return found;
}

std::variant<User, LookupTrouble> find_account(Accounts& accounts, std::string_view local_part,
                                               char break_character, const std::string& alias) {
  for (std::size_t length = local_part.size(); length > 0; --length) {
    const bool whole = length == local_part.size();
    if ((!whole && local_part[length] != break_character) || length >= kAccountNameLimit) {
      continue;
    }
    auto account = accounts.find(base::lower(local_part.substr(0, length)));
    if (!account) {
      return LookupTrouble::accounts;
    }
    if (!*account || (*account)->uid == 0) {
      continue;
    }
    auto owner = accounts.owner((*account)->home);
    if (!owner) {
      return LookupTrouble::home;
    }
    if (*owner == (*account)->uid) {
      Account& it = **account;
      return User{std::move(it.name),
                  it.uid,
                  it.gid,
                  std::move(it.home),
                  whole ? "" : "-",
                  whole ? "" : std::string(local_part.substr(length + 1))};
    }
  }
  auto account = accounts.find(alias);
  if (!account) {
    return LookupTrouble::accounts;
  }
  if (!*account) {
    return LookupTrouble::no_alias;
  }
  Account& it = **account;
  return User{std::move(it.name), it.uid, it.gid,
              std::move(it.home), "-",    std::string(local_part)};
}

}  // namespace reqmail::users
