// qmail-remote-tls HOST SENDER RECIPIENT...: qmail-remote where TLS is spoken
// (qmail-remote-tls(8)).
//
// Runs as: qmailr
// Reads: the message on descriptor 0; QMAILREMOTETLS and what qmail-remote left behind it;
//   control/clientcert.pem, tlsclientciphers, tlshosts, notlshosts, and qmail-remote's files;
//   queue/lock/tcpto; QMAILREMOTESLOTS and its table; answers of name servers and SMTP servers
// Writes: its report on descriptor 1; queue/lock/tcpto; that table; SMTP to other hosts
// Executes: nothing
// Trusts: its arguments, qmail-remote and control files; no server, no name server
// Exits: 0 with a report, 111 without one

#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "remote/main.h"
#include "remote/tls_here.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/secrets.h"
#include "sys/signals.h"

int main(int argc, char** argv) {
  using namespace std::string_view_literals;
  reqmail::sys::hide_memory();
  reqmail::sys::fill_standard_descriptors();
  reqmail::sys::install_failure_exits(reqmail::sys::kExitSuccess, reqmail::sys::kExitTemporary,
                                      STDOUT_FILENO, "ZOut of memory. (#4.3.0)\n\0"sv);
  // A server that is gone is an error of the write and nothing more.
  reqmail::sys::ignore_signals({SIGPIPE});
  const auto tls = reqmail::remote::remote_tls_here();
  reqmail::remote::remote_main(argc, argv, *tls);
}
