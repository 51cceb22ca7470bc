// qmail-qmtpd: receives mail by QMTP from the client at the other end of descriptors 0 and 1
// (qmail-qmtpd(8)).
//
// Runs as: qmaild, under a listener
// Reads: descriptor 0; control/ databytes me morercpthosts.cdb rcpthosts
// Writes: descriptor 1; the queue program's pipes
// Executes: bin/qmail-queue or QMAILQUEUE
// Trusts: control files and environment; nothing that the client sends
// Exits: 0 when the client ends, 100 after what is no QMTP, 111

#include <signal.h>
#include <unistd.h>

#include <string>

#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/qmtp_session.h"
#include "sys/connection.h"
#include "sys/deadline.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/program.h"
#include "sys/signals.h"
#include "sys/stream.h"

int main() {
  namespace smtpd = reqmail::smtpd;
  namespace sys = reqmail::sys;
  const sys::Program program({.holds_secrets = true});
  sys::ignore_signals({SIGPIPE});
  sys::reset_child_signal();
  const sys::Deadline deadline(smtpd::kFrameSessionMax,
                               {sys::kExitTemporary, STDERR_FILENO, ""});
  if (!sys::Program::enter_home()) {
    sys::finish(sys::kExitTemporary);
  }
  const auto files = smtpd::load_qmtpd_files();
  if (!files) {
    sys::finish(sys::kExitTemporary);
  }
  sys::set_no_delay(STDOUT_FILENO);
  sys::DescriptorConnection client(STDIN_FILENO, STDOUT_FILENO);
  sys::Reader input(client);
  sys::Writer output(client);
  sys::finish(smtpd::serve_qmtp(*files, smtpd::client_environment(), input, output));
}
