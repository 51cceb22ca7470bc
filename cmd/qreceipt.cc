// qreceipt: tells a sender who asked for it that the message was delivered (qreceipt(1)).
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; SENDER
// Writes: nothing
// Executes: bin/qmail-queue (or QMAILQUEUE)
// Trusts: its argument and environment
// Exits: 0 100 111

#include <unistd.h>

#include <string>
#include <string_view>

#include "base/text.h"
#include "local/tools/message_parts.h"
#include "local/tools/receipt.h"
#include "local/tools/tool.h"
#include "submit/injector.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/signals.h"

namespace {

namespace local = reqmail::local;
namespace submit = reqmail::submit;
namespace sys = reqmail::sys;
using reqmail::Permanence;

void read_request(const local::Tool& tool, local::ReceiptRequest& request) {
  const auto read = local::read_parts(
      STDIN_FILENO, {[&request](std::string_view field) { return request.look(field); },
                     [](std::string_view /*piece*/) { return false; }});
  if (read) {
    return;
  }
  if (read.error().error != 0) {
    tool.fatal("read error", sys::kExitTemporary);
  }
  std::string_view text = read.error().text;
  text.remove_suffix(text.ends_with('\n') ? 1 : 0);
  tool.fatal(text, sys::kExitPermanent);
}

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("qreceipt");
  const auto sender = sys::environment_value("SENDER");
  if (argc < 2 || !sender) {
    tool.usage("deliveryaddress");
  }
  if (sender->empty() || *sender == "#@[]") {
    sys::finish(sys::kExitSuccess);
  }
  local::ReceiptRequest request(argv[1]);
  read_request(tool, request);
  if (!request.wanted()) {
    sys::finish(sys::kExitSuccess);
  }
  sys::reset_child_signal();
  auto injector = submit::Injector::start();
  if (!injector) {
    tool.fatal("unable to fork", sys::kExitTemporary);
  }
  injector->message(request.notice(*sender));
  injector->sender("");
  injector->recipient(*sender);
  if (const auto queued = injector->finish(); !queued) {
    if (queued.error().permanence == Permanence::permanent) {
      tool.fatal("permanent qmail-queue error", sys::kExitPermanent);
    }
    tool.fatal("temporary qmail-queue error", sys::kExitTemporary);
  }
  sys::finish(sys::kExitSuccess);
}
