// qmail-smtpd: receives mail by SMTP from the client at the other end of descriptors 0 and 1.
//
// Runs as: qmaild, under a listener (tcpserver, systemd, inetd with tcp-env)
// Reads: descriptor 0; control/ badmailfrom databytes localiphost maxrcpt me morercpthosts.cdb
//   rcpthosts smtpgreeting timeoutsmtpd
// Writes: descriptor 1; the queue program's pipes
// Executes: bin/qmail-queue or QMAILQUEUE
// Trusts: control files and environment; nothing that the client sends
// Exits: 0 after QUIT, 1 otherwise

#include <signal.h>

#include <string>

#include "base/text.h"
#include "config.h"
#include "run/network_peer.h"
#include "run/smtp_session.h"
#include "run/smtpd_config.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace {

namespace run = reqmail::run;
namespace sys = reqmail::sys;

constexpr int kExitTrouble = 1;
constexpr int kInput = 0;
constexpr int kOutput = 1;

[[noreturn]] void refuse(const reqmail::Failure& failure) {
  (void)sys::write_all(kOutput, reqmail::base::concat({"421 ", failure.text, "\r\n"}));
  sys::finish(kExitTrouble);
}

}  // namespace

int main() {
  sys::fill_standard_descriptors();
  sys::install_failure_exits(kExitTrouble, kExitTrouble, kOutput,
                             "421 out of memory (#4.3.0)\r\n");
  sys::ignore_signals({SIGPIPE});
  sys::reset_child_signal();
  if (!sys::change_directory(std::string(reqmail::config::kHome))) {
    refuse(run::smtpd_controls_unreadable());
  }
  auto smtpd = run::load_smtpd_config();
  if (!smtpd) {
    refuse(smtpd.error());
  }
  sys::set_no_delay(kOutput);
  sys::Reader input(kInput, smtpd->timeout);
  sys::Writer output(kOutput, smtpd->timeout);
  run::SmtpSession session(std::move(*smtpd), run::network_peer(), input, output);
  sys::finish(session.run());
}
