// condredirect: forwards a message if a program succeeds (condredirect(1)).
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; SENDER, DTLINE
// Writes: nothing
// Executes: the program it is given, bin/qmail-queue (or QMAILQUEUE)
// Trusts: its arguments and environment
// Exits: 0 99 100 111

#include <unistd.h>

#include <string>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "local/forwarder.h"
#include "local/tools/test_program.h"
#include "local/tools/tool.h"
#include "mail/verdict_codec.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/rewind.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace mail = reqmail::mail;
namespace sys = reqmail::sys;

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("condredirect");
  if (argc < 3) {
    tool.usage("newaddress program [ arg ... ]");
  }
  const auto wanted = local::program_succeeds(std::vector<std::string>(argv + 2, argv + argc));
  if (!wanted) {
    tool.fatal(wanted.error().text, sys::kExitTemporary);
  }
  if (!*wanted) {
    sys::finish(sys::kExitSuccess);
  }
  if (const auto rewound = sys::rewind_input(STDIN_FILENO); !rewound) {
    tool.fatal(base::concat({"unable to rewind: ", sys::error_text(rewound.error().error)}),
               sys::kExitTemporary);
  }
  const std::string sender = tool.variable("SENDER", sys::kExitPermanent);
  const std::string delivered_to = tool.variable("DTLINE", sys::kExitPermanent);
  const auto queued = local::resend_message(STDIN_FILENO, delivered_to, sender, {argv[1]});
  if (!queued) {
    tool.fatal(queued.error().text, mail::exit_code(queued.error().permanence));
  }
  tool.say("qp " + base::decimal(static_cast<std::uint64_t>(*queued)));
  sys::finish(mail::kCommandStop);
}
