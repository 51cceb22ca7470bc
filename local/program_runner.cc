#include "local/program_runner.h"

#include <signal.h>

#include "base/text.h"
#include "mail/verdict_codec.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace reqmail::local {

namespace {

constexpr char kShell[] = "/bin/sh";

Result<sys::Child> start(const std::string& command,
                         const std::vector<std::string>& environment,
                         const MessageFile& message) {
  sys::ChildSpec shell;
  shell.program = kShell;
  shell.arguments = {kShell, "-c", command};
  shell.environment = environment;
  shell.descriptors = {{message.fd(), 0}};
  shell.exec_failed = sys::kExitTemporary;
  shell.exec_failed_before = "Unable to run /bin/sh: ";
  shell.exec_failed_after = ". (#4.3.0)\n";
  // This process ignores SIGPIPE. A child would inherit that, but filters rely on being killed
  // by it.
  sys::default_signals({SIGPIPE});
  auto child = sys::spawn(shell);
  sys::ignore_signals({SIGPIPE});
  if (!child) {
    return temporary(
        base::concat({"Unable to fork: ", sys::error_text(child.error().error), ". (#4.3.0)"}),
        child.error().error);
  }
  return child;
}

}  // namespace

Result<ProgramOutcome> run_program(const std::string& command,
                                   const std::vector<std::string>& environment,
                                   MessageFile& message) {
  if (auto rewound = message.rewind(); !rewound) {
    return rewound.error();
  }
  auto child = start(command, environment, message);
  if (!child) {
    return child.error();
  }
  const auto ended = child->wait();
  if (!ended || ended->crashed) {
    return temporary("Aack, child crashed. (#4.3.0)");
  }
  switch (mail::command_verdict(*ended)) {
  case mail::CommandVerdict::success:
    return ProgramOutcome::done;
  case mail::CommandVerdict::stop:
    return ProgramOutcome::skip_rest;
  case mail::CommandVerdict::permanent:
    return permanent("");
  case mail::CommandVerdict::temporary:
    break;
  }
  return temporary("");
}

}  // namespace reqmail::local
