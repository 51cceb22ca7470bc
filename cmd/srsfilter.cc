// srsfilter: sends a bounce back to the sender behind an address of SRS (srsfilter(1)).
//
// Runs as: alias, from .qmail-srs-default
// Reads: the message on descriptor 0; SENDER, EXT2, HOST, DTLINE; control/srs_domain,
//   srs_secrets, srs_maxage, srs_hashlength, srs_hashmin, srs_separator
// Writes: nothing
// Executes: bin/qmail-queue (or QMAILQUEUE)
// Trusts: its environment; the address only if its hash is genuine
// Exits: 0 100 111

#include <unistd.h>

#include <string>

#include "base/text.h"
#include "local/tools/tool.h"
#include "mail/verdict_codec.h"
#include "srs/return_bounce.h"
#include "srs/settings.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/signals.h"

int main() {
  namespace base = reqmail::base;
  namespace sys = reqmail::sys;
  const reqmail::local::Tool tool("srsfilter");
  const std::string local = tool.variable("EXT2", sys::kExitPermanent);
  const std::string host = tool.variable("HOST", sys::kExitPermanent);
  if (!tool.variable("SENDER", sys::kExitPermanent).empty()) {
    tool.fatal("sorry, that SRS address takes bounces only (#5.7.1)", sys::kExitPermanent);
  }
  // The queue program and the control files are found from there.
  if (!sys::Program::enter_home()) {
    tool.fatal("unable to switch to home directory", sys::kExitTemporary);
  }
  const auto settings = reqmail::srs::read_settings();
  if (!settings || !*settings) {
    tool.fatal(settings ? std::string("control/srs_domain is empty") : settings.error().text,
               sys::kExitTemporary);
  }
  sys::reset_child_signal();
  const auto queued =
      reqmail::srs::return_bounce(STDIN_FILENO, sys::environment_value("DTLINE").value_or(""),
                                  base::concat({local, "@", host}), **settings,
                                  static_cast<std::uint64_t>(base::to_epoch(sys::now())));
  if (!queued) {
    tool.fatal(queued.error().text, reqmail::mail::exit_code(queued.error().permanence));
  }
  sys::finish(sys::kExitSuccess);
}
