// qbiff: tells a user's terminals about new mail (qbiff(1)).
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; USER, LOCAL, SENDER; utmp
// Writes: the terminals of the user
// Executes: nothing
// Trusts: nothing
// Exits: 0 111

#include <unistd.h>

#include <string>

#include "base/terminal_text.h"
#include "base/text.h"
#include "local/tools/message_parts.h"
#include "local/tools/summary_text.h"
#include "local/tools/terminals.h"
#include "local/tools/tool.h"
#include "sys/env.h"
#include "sys/exits.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace sys = reqmail::sys;
using reqmail::Result;

// The width that is left on a line after four blanks.
constexpr std::size_t kTextLimit = 74;

}  // namespace

int main() {
  const local::Tool tool("qbiff");
  const auto user = sys::environment_value("USER");
  const auto recipient = sys::environment_value("LOCAL");
  const auto sender = sys::environment_value("SENDER");
  if (!user || !recipient || !sender) {
    sys::finish(sys::kExitSuccess);
  }
  local::SummaryText summary(kTextLimit);
  const auto read = local::read_parts(
      STDIN_FILENO, {[&summary](std::string_view field) {
                       summary.add_field(field);
                       return Result<void>();
                     },
                     [&summary](std::string_view piece) { return summary.add_body(piece); }});
  if (read) {
    local::tell_terminals(
        *user,
        base::concat({"\r\n\a*** TO <", base::terminal_safe(*recipient, '_'), "> FROM <",
                      base::terminal_safe(*sender, '_'), ">\r\n    ", summary.text(), "\r\n"}));
  }
  sys::finish(sys::kExitSuccess);
}
