// qmail-remote HOST SENDER RECIPIENT...: sends a message by SMTP (qmail-remote(8)).
//
// Runs as: qmailr
// Reads: the message on descriptor 0; control/me, helohost, smtproutes, timeoutconnect,
//   timeoutremote, timeoutsession; queue/lock/tcpto; answers of name servers and SMTP servers
// Writes: its report on descriptor 1; queue/lock/tcpto; SMTP to other hosts
// Executes: nothing
// Trusts: its arguments and control files; no server, no name server
// Exits: 0 with a report, 111 without one

#include <unistd.h>

#include <string>
#include <string_view>

#include "config.h"
#include "net/dns_libresolv.h"
#include "remote/attempt.h"
#include "remote/recipient_report.h"
#include "run/remote_settings.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace {

using namespace std::string_view_literals;

constexpr int kHostArgument = 1;
constexpr int kSenderArgument = 2;
constexpr int kFirstRecipient = 3;

std::string deliver(int argc, char** argv) {
  using namespace reqmail;  // NOLINT(google-build-using-namespace)
  if (argc <= kFirstRecipient) {
    return remote::failure_report(remote::invoked_improperly());
  }
  if (!sys::change_directory(std::string(config::kHome))) {
    return remote::failure_report(temporary("Unable to switch to home directory. (#4.3.0)"));
  }
  const auto settings = run::read_remote_settings();
  if (!settings) {
    return remote::failure_report(settings.error());
  }
  net::SystemDns dns;
  return remote::attempt(
      *settings,
      {argv[kHostArgument], argv[kSenderArgument],
       std::vector<std::string>(argv + kFirstRecipient, argv + argc), STDIN_FILENO},
      {dns, "queue/lock/tcpto", ::getpid()});
}

}  // namespace

int main(int argc, char** argv) {
  reqmail::sys::fill_standard_descriptors();
  reqmail::sys::install_failure_exits(reqmail::sys::kExitSuccess, reqmail::sys::kExitTemporary,
                                      STDOUT_FILENO, "ZOut of memory. (#4.3.0)\n\0"sv);
  const std::string report = deliver(argc, argv);
  const bool written = reqmail::sys::write_all(STDOUT_FILENO, report).has_value();
  reqmail::sys::finish(written ? reqmail::sys::kExitSuccess : reqmail::sys::kExitTemporary);
}
