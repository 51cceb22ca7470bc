// maildir2mbox: moves a maildir's messages to an mbox file (maildir2mbox(1)).
//
// Runs as: whoever calls it
// Reads: MAIL, MAILTMP, MAILDIR; the maildir
// Writes: the mbox; removes messages from the maildir
// Executes: nothing
// Trusts: its environment
// Exits: 0 111

#include <string>

#include "base/text.h"
#include "local/tools/maildir_to_mbox.h"
#include "local/tools/tool.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace sys = reqmail::sys;

constexpr mode_t kUmask = 077;

}  // namespace

int main() {
  const local::Tool tool("maildir2mbox", {.umask = kUmask});
  const std::string mbox = tool.variable("MAIL", sys::kExitTemporary);
  const std::string temporary_path = tool.variable("MAILTMP", sys::kExitTemporary);
  const std::string maildir = tool.variable("MAILDIR", sys::kExitTemporary);
  if (const auto changed = sys::change_directory(maildir); !changed) {
    tool.fatal(base::concat({"unable to chdir to ", maildir, ": ",
                             sys::error_text(changed.error().error)}),
               sys::kExitTemporary);
  }
  const base::Time now = sys::now();
  local::clean_maildir_tmp(now);
  const auto messages = local::scan_maildir(local::MaildirParts::new_and_cur, now);
  if (!messages) {
    tool.fatal(messages.error().text, sys::kExitTemporary);
  }
  if (messages->empty()) {
    sys::finish(sys::kExitSuccess);
  }
  const auto left = local::move_to_mbox(*messages, mbox, temporary_path);
  if (!left) {
    tool.fatal(left.error().text, sys::kExitTemporary);
  }
  for (const std::string& warning : *left) {
    tool.say("warning: " + warning);
  }
  sys::finish(sys::kExitSuccess);
}
