#include "users/assign_from_passwd.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::users {

namespace {

// The fields are name, password, uid, gid, comment, home and shell.
constexpr std::size_t kPasswdFields = 7;
// The fields are name, account, extension, and what follows the last colon.
constexpr std::size_t kSubuserFields = 4;

std::uint64_t number_of(std::string_view uid) {
  return base::leading_number(uid).value_or(0);
}

}  // namespace

bool AssignmentsFromPasswd::wanted(const std::string& name) const {
  if (!rules_.upper_case && std::any_of(name.begin(), name.end(), base::is_upper)) {
    return false;
  }
  return (!rules_.include || rules_.include->contains(name)) && !rules_.exclude.contains(name);
}

Result<bool> AssignmentsFromPasswd::home_counts(std::string_view uid,
                                                const std::string& home) const {
  if (rules_.homes == HomeRule::ignore) {
    return true;
  }
  const auto owner = home_owner_(home);
  if (!owner || (!*owner && rules_.homes == HomeRule::stop)) {
    return temporary(base::concat({"unable to stat ", home}), owner ? 0 : owner.error().error);
  }
  return *owner == number_of(uid);
}

Result<std::string> AssignmentsFromPasswd::account(std::string_view line) {
  const auto fields = base::split(line, ':');
  if (fields.size() < kPasswdFields || line.find('\0') != std::string_view::npos) {
    return std::string();
  }
  const std::string name(fields[0]);
  const std::string home(fields[5]);
  if (number_of(fields[2]) == 0 || !wanted(name)) {
    return std::string();
  }
  auto counts = home_counts(fields[2], home);
  if (!counts) {
    return counts.error();
  }
  if (!*counts) {
    return std::string();
  }
  const std::string user = base::concat({name, ":", fields[2], ":", fields[3], ":", home});
  accounts_[base::lower(name)] = user;
  std::string out;
  if (name == rules_.alias) {
    has_alias_ = true;
    out += base::concat({"+:", user, ":", rules_.dash, "::\n"});
  }
  for (const std::string_view mail_name :
       base::split(rules_.mail_names.find(name).value_or(name), ':')) {
    if (mail_name.empty()) {
      continue;
    }
    out += base::concat({"=", mail_name, ":", user, ":::\n"});
    if (rules_.break_character) {
      const std::string_view mark(&*rules_.break_character, 1);
      out += base::concat({"+", mail_name, mark, ":", user, ":", rules_.dash, "::\n"});
    }
  }
  return out;
}

Result<std::string> AssignmentsFromPasswd::subuser(std::string_view line) const {
  const auto fields = base::split(line, ':');
  if (fields.size() < kSubuserFields || line.find('\0') != std::string_view::npos) {
    return std::string();
  }
  const auto account = accounts_.find(base::lower(fields[1]));
  if (account == accounts_.end()) {
    return permanent(base::concat({"unable to find ", fields[1], " user for subuser"}));
  }
  const std::string& user = account->second;
  std::string out =
      base::concat({"=", fields[0], ":", user, ":", rules_.dash, ":", fields[2], ":\n"});
  if (rules_.break_character) {
    const std::string_view mark(&*rules_.break_character, 1);
    out += base::concat(
        {"+", fields[0], mark, ":", user, ":", rules_.dash, ":", fields[2], "-:\n"});
  }
  return out;
}

}  // namespace reqmail::users
