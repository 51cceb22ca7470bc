// qmail-remote-tls HOST SENDER RECIPIENT...: qmail-remote for sessions in TLS
// (qmail-remote-tls(8)).
//
// Runs as: qmailr
// Reads: the message on descriptor 0; fields of qmail-sign; QMAILREMOTETLS and the state that
//   qmail-remote left there;
//   control/clientcert.pem, tlsclientciphers, tlshosts, notlshosts, and qmail-remote's files;
//   queue/lock/tcpto; QMAILREMOTESLOTS and its table; answers of name servers and SMTP servers
// Writes: its report on descriptor 1; queue/lock/tcpto; that table; SMTP to other hosts
// Executes: bin/qmail-sign
// Trusts: its arguments, qmail-remote and control files; no server, no name server
// Exits: 0 with a report, 111 without one

#include <signal.h>
#include <unistd.h>

#include "mail/verdict_codec.h"
#include "remote/main.h"
#include "remote/tls_here.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/signals.h"

int main(int argc, char** argv) {
  const reqmail::sys::Program program(reqmail::remote::remote_start());
  // Writing to a closed connection then only fails.
  reqmail::sys::ignore_signals({SIGPIPE});
  reqmail::remote::remote_main(argc, argv, [] {
    return reqmail::remote::remote_tls_here(reqmail::remote::read_client_ciphers());
  });
}
