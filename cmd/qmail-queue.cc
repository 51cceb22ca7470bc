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
#include "mail/dsn.h"
#include "mail/queue_names.h"
#include "mail/received.h"
#include "mail/verdict_codec.h"
#include "queue/accept.h"
#include "queue/posix_files.h"
#include "queue/split.h"
#include "queue/trigger.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/program.h"
#include "sys/signals.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)
namespace exits = mail::queue_exit;

// The longest time in seconds for which a caller can keep a qmail-queue waiting.
constexpr unsigned kTimeLimit = 86400;

// Files get mode 0644 whatever the caller's umask is.
constexpr mode_t kUmask = 033;

void set_signals() {
  sys::ignore_signals({SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF});
  for (const int number : {SIGILL, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS}) {
    sys::exit_on_signal(number, exits::kBug);
  }
  sys::interrupt_on_signal(SIGALRM);
  (void)::alarm(kTimeLimit);
}

mail::QueueCaller caller_of(uid_t uid) {
  const auto account = sys::account_of(uid);
  if (account == sys::Account::alias) {
    return mail::QueueCaller::alias;
  }
  if (account == sys::Account::qmaild) {
    return mail::QueueCaller::network;
  }
  if (account == sys::Account::qmails) {
    return mail::QueueCaller::bounce;
  }
  return mail::QueueCaller::user;
}

// Returns what the caller says of reports for the sender. What makes no sense does not count.
std::string wanted_reports() {
  const auto text = sys::environment_value("QMAILDSN");
  const auto request = text ? mail::parse_dsn_text(*text) : std::nullopt;
  return request && !request->empty() ? mail::dsn_text(*request) : std::string();
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
  submission.caller = caller_of(::getuid());
  submission.now = sys::now();
  submission.dsn = wanted_reports();
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
      .umask = kUmask,
  });
  set_signals();
  const int code = queue_message();
  if (code == 0) {
    queue::pull_trigger();
  }
  sys::finish(code);
}
