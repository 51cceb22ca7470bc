// qmail-smtpd: receives mail by SMTP from the client at the other end of descriptors 0 and 1.
//
// Runs as: qmaild, under a listener (tcpserver, systemd, inetd with tcp-env)
// Reads: descriptor 0; control/ arctrusted authresultsuser authservid badhelo badmailfrom
//   badmailto badrcptto and the same with norelay, brtlimit databytes dkimverify dmarc
//   dmarcexempt dmarcfailclosed dnsblfailclosed dnsbllist dsn enhancedstatuscodes hideclient
//   localiphost maxrcpt me mfcheck morercpthosts.cdb morevalidrcptto.cdb qregex rcpthosts
//   realrcptto recipients rejectnullsenders smtpdlog smtpdmilters smtpdpolicy smtpgreeting
//   smtputf8, those of SRS
//   spfbehavior spfexp spfguess spfrules tarpitcount tarpitdelay timeoutdns timeoutsmtpd
//   validrcptto validrcptto.cdb; with realrcptto users/cdb, envnoathost locals percenthack
//   virtualdomains and .qmail files; databases that control/recipients names
// Writes: descriptor 1; the queue program's pipes; logins and smtpdlog's lines on descriptor 2;
//   dmarc/YYYYMMDD; sockets of milters and policy services
// Executes: bin/qmail-queue or QMAILQUEUE; bin/qmail-mailauth; the checker of its arguments at
//   AUTH; RCPTCHECK and the programs of control/recipients; bin/qmail-getpw with realrcptto;
//   bin/qmail-smtpd-tls in its own place at STARTTLS and where SMTPS is set
// Trusts: control files and environment; nothing that the client sends
// Exits: 0 after QUIT, 1 otherwise

#include <string>
#include <vector>

#include "smtpd/main.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/program_mark.h"

namespace {

// qmail-listen finds this in the file before it does the work of the program itself.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-smtpd");

namespace smtpd = reqmail::smtpd;
namespace sys = reqmail::sys;

// A client that expects a handshake would not understand a reply in clear text, so it gets
// none.
[[noreturn]] void speak_tls(const std::vector<std::string>& arguments) {
  if (sys::Program::enter_home()) {
    (void)smtpd::become_smtpd_tls(arguments);
  }
  sys::finish(smtpd::kSmtpdTrouble);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program(smtpd::kSmtpdProgram);
  smtpd::set_smtpd_signals();
  const std::vector<std::string> arguments(argv, argv + argc);
  if (smtpd::begins_with_tls()) {
    speak_tls(arguments);
  }
  sys::finish(smtpd::serve_smtp(
      arguments,
      [&arguments](const smtpd::SmtpdFiles&, const smtpd::SmtpdEnvironment& environment) {
        return smtpd::smtpd_tls_elsewhere(arguments, !environment.tls_forbidden);
      },
      {}));
}
