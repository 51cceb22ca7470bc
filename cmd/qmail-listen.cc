// qmail-listen [OPTION...] HOST PORT PROGRAM [ARGUMENT...]: accepts connections and runs a
// server for each, like tcpserver (qmail-listen(8)).
//
// Runs as: root until it listens, then the user of its options, usually qmaild
// Reads: connections, in their processes; the rules of -x; answers of name servers and ident
//   servers; if PROGRAM is our qmail-smtpd, what qmail-smtpd reads
// Writes: lines about connections on descriptor 2; what qmail-smtpd writes
// Executes: PROGRAM, looked up in PATH, unless it is our qmail-smtpd, whose work the process of
//   the connection does; what that executes; bin/qmail-listen-tls in its own place if sessions
//   of our qmail-smtpd can have TLS
// Trusts: its arguments, environment and rules; nothing that a client sends
// Exits: 0 100 111

#include "smtpd/listener_main.h"
#include "sys/exits.h"
#include "sys/program.h"

int main(int argc, char** argv) {
  const reqmail::sys::Program program({.close_on_exec_from = 3});
  reqmail::sys::finish(reqmail::smtpd::serve_as_listener(argc, argv, nullptr));
}
