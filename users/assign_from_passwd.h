// Assignments (qmail-users(5)) for the accounts of a passwd file, as qmail-getpw would make
// them: qmail-pw2u(8).
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/constmap.h"
#include "base/result.h"

namespace reqmail::users {

enum class HomeRule {
  skip,    // accounts whose home does not exist, or is not theirs, are left out
  stop,    // the same, but a home that does not exist is a Failure
  ignore,  // homes are not looked at
};

struct PasswdRules {
  HomeRule homes = HomeRule::skip;
  // Whether names with upper case letters count.
  bool upper_case = false;
  // Between a name and an extension; none: no extensions.
  std::optional<char> break_character;
  // What an extension begins with in the names of .qmail files.
  std::string dash = "-";
  // The account that gets what is left.
  std::string alias;
  // users/include: only these, where there is such a list; users/exclude: not these.
  std::optional<base::ConstMap> include;
  base::ConstMap exclude;
  // users/mailnames: the names, separated by colons, that an account has instead of its own.
  base::ConstMap mail_names;
};

class AssignmentsFromPasswd {
 public:
  // Who owns what lies at a path; nothing where nothing does.
  using HomeOwner = std::function<Result<std::optional<uid_t>>(const std::string& path)>;

  AssignmentsFromPasswd(PasswdRules rules, HomeOwner home_owner)
      : rules_(std::move(rules)), home_owner_(std::move(home_owner)) {}

  // The assignments, with their line ends, for a line of a passwd file; none where the line is
  // no account or the rules leave it out. Failure: "unable to stat" and the home.
  Result<std::string> account(std::string_view line);

  // Whether the alias account was among them: without it the assignments are of no use.
  [[nodiscard]] bool has_alias() const { return has_alias_; }

  // The assignments for a line `name:account:extension:` of users/subusers; none where it is
  // malformed. Failure: no such account was given an assignment.
  Result<std::string> subuser(std::string_view line) const;

 private:
  // Whether the home keeps an account from getting mail.
  Result<bool> home_counts(std::string_view uid, const std::string& home) const;
  [[nodiscard]] bool wanted(const std::string& name) const;

  PasswdRules rules_;
  HomeOwner home_owner_;
  bool has_alias_ = false;
  // By name in lower case: the fields from the account's name to its home.
  std::unordered_map<std::string, std::string> accounts_;
};

}  // namespace reqmail::users
