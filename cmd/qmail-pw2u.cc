// qmail-pw2u: makes assignments for the accounts of a passwd file.
//
// Runs as: root, by hand; any user who may read users/
// Reads: descriptor 0; users/include, exclude, mailnames, subusers, append; the homes
// Writes: descriptor 1
// Executes: nothing
// Trusts: its input
// Exits: 0 100 111
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "config.h"
#include "sys/exits.h"
#include "sys/identity.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "users/assign_from_passwd.h"
#include "users/passwd_assignments.h"

namespace base = reqmail::base;
namespace config = reqmail::config;
namespace sys = reqmail::sys;
namespace users = reqmail::users;

namespace {

[[noreturn]] void fail(std::string_view text) {
  (void)sys::write_all(2, base::concat({"qmail-pw2u: fatal: ", text, "\n"}));
  sys::finish(sys::kExitTemporary);
}

[[noreturn]] void refuse(const sys::Option& option) {
  const std::string_view why = option.kind == sys::Option::Kind::missing_value
                                   ? "option requires an argument -- "
                                   : "illegal option -- ";
  (void)sys::write_all(
      2, base::concat({"qmail-pw2u: ", why, std::string_view(&option.letter, 1), "\n"}));
  sys::finish(sys::kExitPermanent);
}

void apply(users::PasswdRules& rules, const sys::Option& option) {
  switch (option.letter) {
  case '/':
    rules.dash = "-/";
    break;
  case 'o':
    rules.homes = users::HomeRule::skip;
    break;
  case 'h':
    rules.homes = users::HomeRule::stop;
    break;
  case 'H':
    rules.homes = users::HomeRule::ignore;
    break;
  case 'u':
    rules.upper_case = true;
    break;
  case 'U':
    rules.upper_case = false;
    break;
  case 'c':
    rules.break_character =
        option.value.empty() ? std::nullopt : std::optional(option.value.front());
    break;
  default:  // C
    rules.break_character.reset();
    break;
  }
}

users::PasswdRules rules_from(int argc, char** argv) {
  users::PasswdRules rules;
  rules.break_character = config::kBreak;
  rules.alias = sys::account_name(sys::Account::alias);
  sys::Options options(argc, argv, "/ohHuUCc:");
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      refuse(*option);
    }
    apply(rules, *option);
  }
  return rules;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory_fd = 2,
      .out_of_memory_text = "qmail-pw2u: fatal: out of memory\n",
  });
  users::PasswdRules rules = rules_from(argc, argv);
  if (!sys::Program::enter_home()) {
    fail("unable to chdir");
  }
  if (auto written = users::write_passwd_assignments(std::move(rules), 0, 1); !written) {
    fail(written.error().text);
  }
  sys::finish(sys::kExitSuccess);
}
