// qmail-remote-tls HOST SENDER RECIPIENT...: qmail-remote for sessions in TLS
// (qmail-remote-tls(8)).
//
// Runs as: qmailr
// Reads: the message on descriptor 0, or there, in the place of a worker of qmail-rspawn, its
//   orders with their messages; fields of qmail-sign; QMAILREMOTETLS and the state that
//   qmail-remote left there;
//   control/clientcert.pem, tlsclientciphers, tlshosts, notlshosts, and qmail-remote's files;
//   queue/lock/tcpto; QMAILREMOTESLOTS and its table; answers of name servers and SMTP servers
// Writes: its report on descriptor 1, or, as a worker, its results on descriptor 0;
//   queue/lock/tcpto; that table; SMTP to other hosts
// Executes: bin/qmail-sign
// Trusts: its arguments, qmail-remote and control files; no server, no name server
// Exits: 0 with a report, 111 without one

#include <signal.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "remote/main.h"
#include "remote/tls_by_exec.h"
#include "remote/tls_here.h"
#include "spawn/remote_worker.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/signals.h"

namespace remote = reqmail::remote;

int main(int argc, char** argv) {
  const reqmail::sys::Program program(remote::remote_start());
  // Writing to a closed connection then only fails.
  reqmail::sys::ignore_signals({SIGPIPE});
  const auto make_tls = [] { return remote::remote_tls_here(remote::read_client_ciphers()); };
  auto before = remote::take_remote_handover();
  if (before && *before && (*before)->stay) {
    reqmail::spawn::go_on_with_remote_deliveries(
        **std::move(before), std::vector<std::string>(argv, argv + argc), make_tls);
    reqmail::sys::finish(reqmail::sys::kExitSuccess);
  }
  remote::remote_main(argc, argv, make_tls, std::move(before));
}
