// maildirwatch: shows the new messages of a maildir on a terminal (maildirwatch(1)).
//
// Runs as: whoever calls it
// Reads: MAILDIR; the maildir
// Writes: the terminal; removes old files in tmp/
// Executes: nothing
// Trusts: its environment
// Exits: 111

#include <unistd.h>

#include <string>

#include "base/text.h"
#include "local/maildir_reader.h"
#include "local/tools/message_summary.h"
#include "local/tools/tool.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace sys = reqmail::sys;

constexpr unsigned kPauseSeconds = 30;
// Moves the cursor to the upper left corner and clears the screen.
constexpr char kClear[] = "\x1b[;H\x1b[;J";

}  // namespace

int main() {
  const local::Tool tool("maildirwatch");
  const std::string maildir = tool.variable("MAILDIR", sys::kExitTemporary);
  if (const auto changed = sys::change_directory(maildir); !changed) {
    tool.fatal(base::concat({"unable to chdir to ", maildir, ": ",
                             sys::error_text(changed.error().error)}),
               sys::kExitTemporary);
  }
  for (;;) {
    const base::Time now = sys::now();
    local::clean_maildir_tmp(now);
    const auto messages = local::scan_maildir(local::MaildirParts::new_only, now);
    if (!messages) {
      tool.fatal(messages.error().text, sys::kExitTemporary);
    }
    std::string screen = kClear;
    for (const local::MaildirEntry& entry : *messages) {
      const auto summary = local::message_summary(entry.path);
      if (!summary) {
        tool.fatal("trouble reading new message", sys::kExitTemporary);
      }
      screen += *summary;
    }
    if (!sys::write_all(STDOUT_FILENO, screen)) {
      sys::finish(sys::kExitTemporary);
    }
    (void)::sleep(kPauseSeconds);
  }
}
