// forward: forwards a message from a .qmail file (forward(1)).
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; NEWSENDER, DTLINE
// Writes: nothing
// Executes: bin/qmail-queue (or QMAILQUEUE)
// Trusts: its arguments and environment
// Exits: 0 100 111

#include <unistd.h>

#include <string>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "local/forwarder.h"
#include "local/tools/tool.h"
#include "mail/verdict_codec.h"
#include "sys/exits.h"
#include "sys/signals.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace mail = reqmail::mail;
namespace sys = reqmail::sys;

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("forward");
  const std::string sender = tool.variable("NEWSENDER", sys::kExitPermanent);
  const std::string delivered_to = tool.variable("DTLINE", sys::kExitPermanent);
  sys::reset_child_signal();
  const auto queued = local::resend_message(STDIN_FILENO, delivered_to, sender,
                                            std::vector<std::string>(argv + 1, argv + argc));
  if (!queued) {
    tool.fatal(queued.error().text, mail::exit_code(queued.error().permanence));
  }
  tool.say("qp " + base::decimal(static_cast<std::uint64_t>(*queued)));
  sys::finish(sys::kExitSuccess);
}
