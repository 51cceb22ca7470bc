// preline: runs a program with the trace lines of the delivery before the message (preline(1)).
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; UFLINE, RPLINE, DTLINE
// Writes: nothing
// Executes: the program it is given
// Trusts: its arguments and environment
// Exits: 0 100 111 (and any code of the program)

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "local/tools/feed_program.h"
#include "local/tools/tool.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/options.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace sys = reqmail::sys;

constexpr std::string_view kArguments = "cmd [ arg ... ]";

struct Lines {
  bool from = true;
  bool return_path = true;
  bool delivered_to = true;
};

Lines lines_wanted(sys::Options& options, const local::Tool& tool) {
  Lines lines;
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      tool.say(local::bad_option_text(true, option->letter));
      tool.usage(kArguments);
    }
    const bool wanted = option->letter <= 'Z';
    switch (option->letter) {
    case 'f':
    case 'F':
      lines.from = wanted;
      break;
    case 'r':
    case 'R':
      lines.return_path = wanted;
      break;
    default:
      lines.delivered_to = wanted;
      break;
    }
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("preline");
  const auto from = sys::environment_value("UFLINE");
  const auto return_path = sys::environment_value("RPLINE");
  const auto delivered_to = sys::environment_value("DTLINE");
  if (!from || !return_path || !delivered_to) {
    tool.usage(kArguments);
  }
  sys::Options options(argc, argv, "fFrRdD");
  const Lines wanted = lines_wanted(options, tool);
  sys::ChildSpec child;
  child.arguments = options.rest();
  if (child.arguments.empty()) {
    tool.usage(kArguments);
  }
  child.program = child.arguments.front();
  child.exec_failed = sys::kExitPermanent;
  child.exec_failed_temporary = sys::kExitTemporary;
  child.exec_failed_before =
      base::concat({"preline: fatal: unable to run ", child.program, ": "});
  child.exec_failed_after.assign(1, '\n');
  const auto outcome = local::feed_program(
      child,
      base::concat({wanted.from ? *from : "", wanted.return_path ? *return_path : "",
                    wanted.delivered_to ? *delivered_to : ""}),
      STDIN_FILENO);
  if (const std::string trouble = local::feed_failure_text(outcome); !trouble.empty()) {
    tool.fatal(trouble, sys::kExitTemporary);
  }
  sys::finish(outcome.status.code);
}
