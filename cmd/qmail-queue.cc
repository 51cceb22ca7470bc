// qmail-queue: takes a message from descriptor 0 and its envelope from descriptor 1 into the
// queue.
//
// Runs as: qmailq (setuid), started by anybody
// Reads: descriptors 0 and 1, QMAILDSN, /etc/passwd
// Writes: queue/pid, queue/mess, queue/intd, queue/todo, queue/lock/trigger
// Executes: nothing
// Trusts: nobody; the caller chooses every byte, the environment, descriptors, limits and
//   signals
// Exits: 0 11 51 52 53 54 61 62 63 64 65 66 81 91

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "config.h"
#include "mail/queue_names.h"
#include "mail/verdict_codec.h"
#include "queue/accept.h"
#include "queue/posix_files.h"
#include "queue/split.h"
#include "queue/submission.h"
#include "queue/trigger.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/signals.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)
namespace exits = mail::queue_exit;

// If qmailq(8) finds this in the file, it may do the work of main.
[[gnu::used, gnu::retain]] constexpr auto kMark = sys::program_mark("qmail-queue");

void set_signals() {
  sys::ignore_signals({SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF});
  for (const int number : {SIGILL, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS}) {
    sys::exit_on_signal(number, exits::kBug);
  }
  sys::interrupt_on_signal(SIGALRM);
  (void)::alarm(queue::kTimeLimit.count());
}

int queue_message() {
  if (!sys::Program::enter_home()) {
    return exits::kHome;
  }
  if (!sys::change_directory("queue")) {
    return exits::kQueueDirectory;
  }
  queue::Submission submission;
  submission.pid = static_cast<std::uint64_t>(::getpid());
  submission.uid = ::getuid();
  submission.caller = queue::caller_of(sys::account_of(::getuid()));
  submission.now = sys::now();
  submission.dsn = queue::kept_wishes(sys::environment_value("QMAILDSN"));
  queue::PosixFiles files;
  // Without subdirectories the link to mess/S/N will fail, as it does if one is missing.
  const std::uint64_t split = queue::count_split(files).value_or(0);
  queue::DescriptorSource message(STDIN_FILENO);
  queue::DescriptorSource envelope(STDOUT_FILENO);
  return queue::accept(files, mail::QueueLayout(split == 0 ? config::kSplit : split), message,
                       envelope, submission);
}

}  // namespace

int main() {
  const sys::Program program({
      .out_of_memory = exits::kNoMemory,
      .bug = exits::kBug,
      .umask = queue::kUmask,
  });
  set_signals();
  const int code = queue_message();
  if (code == 0) {
    queue::pull_trigger();
  }
  sys::finish(code);
}
