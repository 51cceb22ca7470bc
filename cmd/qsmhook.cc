// qsmhook: runs a sendmail-style local mailer from a .qmail file.
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; SENDER, LOCAL, HOST, UFLINE, RPLINE, DTLINE
// Writes: nothing
// Executes: the mailer it is given
// Trusts: its arguments and environment
// Exits: 0 100 111 (and any code of the mailer)

#include <unistd.h>

#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "local/tools/escape_arguments.h"
#include "local/tools/feed_program.h"
#include "local/tools/tool.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/options.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace sys = reqmail::sys;

struct Wishes {
  bool from = true;
  bool return_path = false;
  bool delivered_to = false;
  std::string prefix;
};

// Parses the options that sendmail passes to its mailers; those without a meaning here are
// ignored.
Wishes wishes_of(sys::Options& options, const local::Tool& tool) {
  Wishes wishes;
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      tool.say(
          local::bad_option_text(option->kind == sys::Option::Kind::unknown, option->letter));
      sys::finish(sys::kExitPermanent);
    }
    switch (option->letter) {
    case 'n':
      wishes.from = false;
      break;
    case 'P':
      wishes.return_path = true;
      break;
    case 'l':
      wishes.delivered_to = true;
      break;
    case 'x':
      wishes.prefix = option->value;
      break;
    default:
      break;
    }
  }
  return wishes;
}

std::string needed_variable(const local::Tool& tool, const char* name) {
  auto value = sys::environment_value(name);
  if (!value) {
    tool.fatal("incorrect usage", sys::kExitPermanent);
  }
  return *std::move(value);
}

// Addresses are compared without regard to case.
std::string_view without_prefix(std::string_view user, std::string_view prefix) {
  const bool begins = base::equal_ci(user.substr(0, prefix.size()), prefix);
  return begins ? user.substr(prefix.size()) : user;
}

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("qsmhook");
  const std::string sender = needed_variable(tool, "SENDER");
  const std::string user = needed_variable(tool, "LOCAL");
  const std::string host = needed_variable(tool, "HOST");
  const std::string from = needed_variable(tool, "UFLINE");
  const std::string return_path = needed_variable(tool, "RPLINE");
  const std::string delivered_to = needed_variable(tool, "DTLINE");
  sys::Options options(argc, argv, "DFMPlmnsx:");
  const Wishes wishes = wishes_of(options, tool);
  sys::ChildSpec mailer;
  const std::string_view short_user = without_prefix(user, wishes.prefix);
  for (const std::string& argument : options.rest()) {
    mailer.arguments.push_back(
        local::expand_macros(argument, local::MailerMacros{short_user, host, sender}));
  }
  if (mailer.arguments.empty()) {
    tool.fatal("incorrect usage", sys::kExitPermanent);
  }
  mailer.program = mailer.arguments.front();
  mailer.exec_failed = sys::kExitPermanent;
  mailer.exec_failed_text = "qsmhook: fatal: command not found\n";
  mailer.exec_failed_temporary = sys::kExitTemporary;
  mailer.exec_failed_temporary_text = "qsmhook: fatal: temporary problem\n";
  const auto outcome = local::feed_program(
      mailer,
      base::concat({wishes.from ? from : "", wishes.return_path ? return_path : "",
                    wishes.delivered_to ? delivered_to : ""}),
      STDIN_FILENO);
  if (outcome.step == local::FeedStep::copy_input) {
    tool.fatal("unable to read message", sys::kExitTemporary);
  }
  if (outcome.step != local::FeedStep::done || outcome.status.crashed) {
    tool.fatal("temporary problem", sys::kExitTemporary);
  }
  sys::finish(outcome.status.code);
}
