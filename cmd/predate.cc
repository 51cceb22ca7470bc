// predate: runs a program with a Date field before its input (datemail uses it).
//
// Runs as: whoever calls it
// Reads: a message on descriptor 0; TZ
// Writes: nothing
// Executes: the program it is given
// Trusts: its arguments
// Exits: 0 100 111 (and any code of the program)

#include <unistd.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "local/tools/feed_program.h"
#include "local/tools/tool.h"
#include "mail/date822.h"
#include "sys/clock.h"
#include "sys/exits.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace mail = reqmail::mail;
namespace sys = reqmail::sys;

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("predate");
  if (argc < 2) {
    tool.usage("child");
  }
  sys::ChildSpec child;
  child.program = argv[1];
  child.arguments = std::vector<std::string>(argv + 1, argv + argc);
  child.exec_failed = sys::kExitTemporary;
  child.exec_failed_before =
      base::concat({"predate: fatal: unable to run ", child.program, ": "});
  child.exec_failed_after.assign(1, '\n');
  const base::Time now = sys::now();
  const auto outcome = local::feed_program(
      child, base::concat({"Date: ", mail::date822(now, sys::local_offset(now)), "\n"}),
      STDIN_FILENO);
  if (const std::string trouble = local::feed_failure_text(outcome); !trouble.empty()) {
    tool.fatal(trouble, sys::kExitTemporary);
  }
  sys::finish(outcome.status.code);
}
