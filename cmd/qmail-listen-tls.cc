// qmail-listen-tls [OPTION...] HOST PORT PROGRAM [ARGUMENT...]: qmail-listen whose sessions can
// speak TLS in their processes (qmail-listen(8)).
//
// Runs as: the user of qmail-listen, usually qmaild
// Reads: what qmail-listen reads, and the sockets and connections that it leaves; if PROGRAM is
//   our qmail-smtpd, what qmail-smtpd-tls reads
// Writes: lines about connections on descriptor 2; what qmail-smtpd-tls writes
// Executes: PROGRAM, looked up in PATH, unless it is our qmail-smtpd, whose work the process of
//   the connection does; what that executes
// Trusts: its arguments, environment and rules; nothing that a client sends
// Exits: 0 100 111

#include "smtpd/forked_tls_here.h"
#include "smtpd/listener_main.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/secrets.h"

namespace {

// qmail-listen finds this in the file before it lets the program go on in its place.
[[gnu::used, gnu::retain]] constexpr auto kMark =
    reqmail::sys::program_mark("qmail-listen-tls");

}  // namespace

int main(int argc, char** argv) {
  const reqmail::sys::Program program({.close_on_exec_from = 3});
  // Exec has undone the protection that the program before it had.
  reqmail::sys::forbid_tracing();
  reqmail::smtpd::ForkedTlsHere tls;
  reqmail::sys::finish(reqmail::smtpd::serve_as_listener(argc, argv, &tls));
}
