// qmail-qmqpd: receives a message by QMQP from the client at the other end of descriptors 0 and
// 1 (qmail-qmqpd(8)). It takes mail for anywhere: the listener must let in nobody but the hosts
// that may send.
//
// Runs as: qmaild, under a listener
// Reads: descriptor 0
// Writes: descriptor 1; the queue program's pipes
// Executes: bin/qmail-queue or QMAILQUEUE
// Trusts: the environment; the client only in that it may send to everybody
// Exits: 0 when the client was answered or hung up, 100 after what is no QMQP, 111

#include <signal.h>
#include <unistd.h>

#include <string>

#include "listen/network_peer.h"
#include "smtpd/qmqp_session.h"
#include "sys/connection.h"
#include "sys/deadline.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/program.h"
#include "sys/signals.h"
#include "sys/stream.h"

int main() {
  namespace listen = reqmail::listen;
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
  sys::set_no_delay(STDOUT_FILENO);
  sys::DescriptorConnection client(STDIN_FILENO, STDOUT_FILENO);
  sys::Reader input(client);
  sys::Writer output(client);
  sys::finish(smtpd::serve_qmqp(listen::network_peer(), input, output));
}
