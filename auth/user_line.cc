#include "auth/user_line.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth {

namespace {

constexpr std::size_t kUserFields = 6;
// (uid_t)-1 means "unchanged" to the kernel.
constexpr std::uint64_t kLargestId = std::numeric_limits<uid_t>::max() - 1;

std::optional<uid_t> as_id(std::string_view field) {
  const auto number = base::parse_u64(field);
  if (!number || *number > kLargestId) {
    return std::nullopt;
  }
  return static_cast<uid_t>(*number);
}

bool is_odd(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

}  // namespace

Result<void> check_login(std::string_view login) {
  if (login.empty()) {
    return permanent("no login");
  }
  if (login.front() == '#' || login.front() == '.' || login.front() == '@') {
    return permanent("a login cannot begin with # . or @");
  }
  if (login.find(':') != std::string_view::npos ||
      std::any_of(login.begin(), login.end(), is_odd)) {
    return permanent("a colon, blank or control character in the login");
  }
  return {};
}

std::string login_key(std::string_view login) {
  return is_address(login) ? base::lower(login) : std::string(login);
}

Result<User> parse_user(std::string_view fields) {
  if (std::any_of(fields.begin(), fields.end(), is_control)) {
    return permanent("a control character");
  }
  const std::vector<std::string_view> pieces = base::split(fields, ':');
  if (pieces.size() != kUserFields) {
    return permanent("not login:hash:uid:gid:gecos:home:shell");
  }
  const auto uid = as_id(pieces[1]);
  const auto gid = as_id(pieces[2]);
  if (!uid || !gid) {
    return permanent(uid ? "the gid is no number" : "the uid is no number");
  }
  if (!pieces[4].starts_with('/')) {
    return permanent("the home is no absolute path");
  }
  return User{
      std::string(pieces[0]), *uid, *gid, std::string(pieces[3]), std::string(pieces[4]),
      std::string(pieces[5])};
}

Result<UserLine> parse_user_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view login = line.substr(0, colon);
  if (auto checked = check_login(login); !checked) {
    return checked.error();
  }
  auto user = parse_user(colon == std::string_view::npos ? "" : line.substr(colon + 1));
  if (!user) {
    return user.error();
  }
  return UserLine{std::string(login), std::move(*user)};
}

Result<SecretLine> parse_secret_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (auto checked = check_login(line.substr(0, colon)); !checked) {
    return checked.error();
  }
  if (colon == std::string_view::npos || colon + 1 == line.size()) {
    return permanent("not login:secret");
  }
  if (line.find('\0') != std::string_view::npos) {
    return permanent("a NUL in the secret");
  }
  return SecretLine{std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))};
}

std::string user_fields(const User& user) {
  return base::concat({user.hash, ":", base::decimal(user.uid), ":", base::decimal(user.gid),
                       ":", user.gecos, ":", user.home, ":", user.shell});
}

}  // namespace reqmail::auth
