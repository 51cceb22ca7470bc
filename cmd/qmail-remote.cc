// qmail-remote HOST SENDER RECIPIENT...: sends a message by SMTP (qmail-remote(8)).
//
// Runs as: qmailr
// Reads: the message on descriptor 0; fields of qmail-sign; control/me, authsenders, dane,
//   danetrust, domainbindings, foldlines, helohost, helohostbyip, ipversions, moreipme,
//   notipme, notlshosts, outgoingip, smtproutes, smtputf8, timeoutconnect, timeoutremote,
//   timeoutsession, tlscapath, tlshosts, tlspolicy, tlspolicyfailopen, tlspolicyserver,
//   tlsrptsocket; those of SRS, rcpthosts, morercpthosts.cdb, locals, virtualdomains;
//   queue/lock/tcpto; answers of the policy server;
//   QMAILREMOTESLOTS and the table that qmail-rspawn left there; answers of name servers and
//   SMTP servers
// Writes: its report on descriptor 1; queue/lock/tcpto; that table; SMTP to other hosts; results
//   of TLS for a collector
// Executes: bin/qmail-remote-tls, in its own place, for TLS; bin/qmail-sign
// Trusts: its arguments and control files; no server, no name server
// Exits: 0 with a report, 111 without one

#include <string>
#include <vector>

#include "remote/main.h"
#include "remote/tls_by_exec.h"
#include "sys/program.h"
#include "sys/program_mark.h"

namespace {

// If qmail-rspawn finds this in the file, a worker of it may do the work of main.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-remote");

}  // namespace

int main(int argc, char** argv) {
  const reqmail::sys::Program program(reqmail::remote::remote_start());
  reqmail::remote::remote_main(
      argc, argv,
      [argc, argv] {
        return reqmail::remote::remote_tls_by_exec(std::vector<std::string>(argv, argv + argc));
      },
      reqmail::remote::take_remote_handover());
}
