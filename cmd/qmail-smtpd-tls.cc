// qmail-smtpd-tls: qmail-smtpd once TLS is to be spoken, which executes it.
//
// Runs as: qmaild, in the place of qmail-smtpd
// Reads: descriptor 0; what qmail-smtpd reads; control/ clientca.pem clientcrl.pem
//   servercert.pem servercerts tlsclients tlsserverciphers tlsticketkey
// Writes: what qmail-smtpd writes
// Executes: bin/qmail-queue or QMAILQUEUE; the checker of its arguments at AUTH
// Trusts: control files and environment; nothing that the client sends
// Exits: 0 after QUIT, 1 otherwise

#include <string>
#include <utility>
#include <vector>

#include "run/smtpd_main.h"
#include "run/smtpd_tls.h"
#include "sys/env.h"
#include "sys/exits.h"

int main(int argc, char** argv) {
  namespace run = reqmail::run;
  namespace sys = reqmail::sys;
  run::set_up_smtpd();
  run::SmtpdStart start;
  if (auto state = run::take_starttls_state()) {
    start.begin = run::SmtpBegin::starttls;
    start.state = std::move(*state);
  } else if (!sys::environment_value("SMTPS").value_or("").empty()) {
    start.begin = run::SmtpBegin::tls;
  }
  const bool implicit = start.begin == run::SmtpBegin::tls;
  sys::finish(run::serve_smtp(
      std::vector<std::string>(argv, argv + argc),
      [implicit](reqmail::base::Seconds timeout) {
        return run::smtp_tls_here(std::nullopt, implicit, timeout);
      },
      std::move(start)));
}
