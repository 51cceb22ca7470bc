// qmail-rcptcheck: runs the programs of control/rcptchecks for qmail-smtpd
// (qmail-rcptcheck(8)).
//
// Runs as: qmaild, run by qmail-smtpd if RCPTCHECK names it
// Reads: control/rcptchecks
// Writes: nothing
// Executes: the programs that control/rcptchecks names
// Trusts: control/rcptchecks; nothing in SENDER, RECIPIENT and HELO
// Exits: 0 111, and what the programs exit with

#include "smtpd/rcptchecks.h"
#include "sys/exits.h"
#include "sys/program.h"

int main() {
  namespace sys = reqmail::sys;
  const sys::Program program;
  if (!sys::Program::enter_home()) {
    sys::finish(sys::kExitTemporary);
  }
  sys::finish(reqmail::smtpd::run_rcptchecks());
}
