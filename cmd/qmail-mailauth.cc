// qmail-mailauth: what SPF, DKIM, ARC, DMARC and lists of clients say, about one message with
// "check", for a session of qmail-smtpd with "session", or for all of them with "resident", or
// with "stay" under qmail-listen (qmail-mailauth(8)).
//
// Runs as: qmaild under qmail-smtpd, which it cannot leave, and with "resident", also if root
//   starts it; with "check" anybody
// Reads: control/ me spfexp spfguess spfrules timeoutdns with "check"; on descriptor 0 the
//   message, or qmail-smtpd's questions, which with "resident" and "stay" come by sockets;
//   answers of name servers
// Writes: the results on descriptor 1, or the answers on 0; complaints on 2
// Executes: nothing
// Trusts: nobody
// Exits: 0, 100, 111

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "control/files.h"
#include "judge/check.h"
#include "judge/resident.h"
#include "judge/session.h"
#include "mail/idna_conversion.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace control = reqmail::control;
namespace judge = reqmail::judge;
namespace sys = reqmail::sys;

constexpr std::string_view kUsage =
    "qmail-mailauth: usage: qmail-mailauth check [ip=A] [helo=H] [sender=S] [time=EPOCH] "
    "<message\n";

// If qmail-listen finds this in the file, it may keep one process for all sessions.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-mailauth");

[[noreturn]] void die(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-mailauth: ", text, "\n"}));
  sys::finish(code);
}

[[noreturn]] void die_of(const reqmail::Failure& failure) {
  const bool permanent = failure.permanence == reqmail::Permanence::permanent;
  die(permanent ? sys::kExitPermanent : sys::kExitTemporary,
      base::concat({"fatal: ", failure.text}));
}

// Files that this user cannot read have no effect.
judge::CheckSettings check_settings() {
  judge::CheckSettings settings;
  if (sys::Program::enter_home()) {
    control::ControlFiles files(control::ControlFiles::Unreadable::is_absent);
    settings.receiver = files.me().value_or("");
    settings.spf_rules = files.line_if_any("spfrules").value_or("");
    settings.spf_guess = files.line_if_any("spfguess").value_or("");
    settings.spf_explanation = files.line_if_any("spfexp").value_or("");
    settings.time = judge::step_time(files.number("timeoutdns"));
  }
  return settings;
}

[[noreturn]] void end_after(const reqmail::Result<void>& served) {
  if (!served) {
    die_of(served.error());
  }
  sys::finish(sys::kExitSuccess);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  sys::answer_help(argc, argv, kUsage);
  reqmail::mail::convert_u_labels_by(reqmail::mail::convert_by_libidn2);
  const std::string_view action = argc > 1 ? argv[1] : "";
  if (action == "session" && argc == 2) {
    end_after(judge::serve_session(STDIN_FILENO));
  }
  if (action == judge::kJudgeStays && argc == 2) {
    end_after(judge::serve_packets(STDIN_FILENO));
  }
  if (action == "resident" && argc == 3) {
    die_of(judge::serve_at(argv[2]));
  }
  const std::vector<std::string> arguments(argv + (argc > 2 ? 2 : argc), argv + argc);
  const auto request = judge::parse_check_arguments(arguments);
  if (action != "check" || !request) {
    sys::refuse_arguments(kUsage);
  }
  const auto results = judge::check_message(*request, check_settings(), STDIN_FILENO);
  if (!results) {
    die_of(results.error());
  }
  sys::finish(sys::write_all(STDOUT_FILENO, *results) ? sys::kExitSuccess
                                                      : sys::kExitTemporary);
}
