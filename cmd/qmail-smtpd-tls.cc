// qmail-smtpd-tls: qmail-smtpd for sessions in TLS; qmail-smtpd executes it.
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

#include "listen/tls_here.h"
#include "smtpd/main.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/program_mark.h"

namespace {

// qmail-listen finds this in the file before it does the work of the program itself.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-smtpd-tls");

}  // namespace

int main(int argc, char** argv) {
  namespace smtpd = reqmail::smtpd;
  namespace sys = reqmail::sys;
  const sys::Program program(smtpd::kSmtpdProgram);
  smtpd::set_smtpd_signals();
  smtpd::SmtpdStart start;
  if (auto state = smtpd::take_starttls_state()) {
    start.begin = smtpd::SmtpBegin::starttls;
    start.state = std::move(*state);
  } else if (smtpd::begins_with_tls()) {
    start.begin = smtpd::SmtpBegin::tls;
  }
  sys::finish(smtpd::serve_smtp(
      std::vector<std::string>(argv, argv + argc),
      [](const smtpd::SmtpdFiles& files, const smtpd::SmtpdEnvironment& environment) {
        return reqmail::listen::tls_here({"qmail-smtpd", "smtp", files.timeout,
                                          !environment.tls_forbidden, environment.tls_choices});
      },
      std::move(start)));
}
