// Makes assignments (qmail-users(5)) for the accounts of a passwd file, equivalent to the
// results of qmail-getpw: the work of qmail-pw2u(8).
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
  skip,    // omits accounts whose home does not exist or belongs to somebody else
  stop,    // like skip, but a home that does not exist is a Failure
  ignore,  // does not examine homes
};

struct PasswdRules {
  HomeRule homes = HomeRule::skip;
  // Names with upper-case letters count too.
  bool upper_case = false;
  // The character between a name and an extension; without it there are no extensions.
  std::optional<char> break_character;
  // The beginning of an extension in the names of .qmail files.
  std::string dash = "-";
  // The account that gets all addresses without an assignment.
  std::string alias;
  // If users/include exists, only accounts listed there get assignments; those in users/exclude
  // get none.
  std::optional<base::ConstMap> include;
  base::ConstMap exclude;
  // users/mailnames: the names, separated by colons, that an account has instead of its own.
  base::ConstMap mail_names;
};

class AssignmentsFromPasswd {
 public:
  // Returns the owner of a path; nullopt if it does not exist.
  using HomeOwner = std::function<Result<std::optional<uid_t>>(const std::string& path)>;

  AssignmentsFromPasswd(PasswdRules rules, HomeOwner home_owner)
      : rules_(std::move(rules)), home_owner_(std::move(home_owner)) {}

  // Returns the assignments, with line ends, for a line of a passwd file; empty if the line is
  // not an account or the rules exclude it. The text of a Failure is "unable to stat" and the
  // home.
  Result<std::string> account(std::string_view line);

  // Returns whether the alias account was among the accounts; without it the assignments cannot
  // be used.
  [[nodiscard]] bool has_alias() const { return has_alias_; }

  // Returns the assignments for a line `name:account:extension:` of users/subusers; empty if it
  // is malformed. It is a Failure if the account has no assignment.
  Result<std::string> subuser(std::string_view line) const;

 private:
  // Returns whether the account may get mail according to its home.
  Result<bool> home_counts(std::string_view uid, const std::string& home) const;
  [[nodiscard]] bool wanted(const std::string& name) const;

  PasswdRules rules_;
  HomeOwner home_owner_;
  bool has_alias_ = false;
  // The fields from the account's name to its home, by the name in lower case.
  std::unordered_map<std::string, std::string> accounts_;
};

}  // namespace reqmail::users
