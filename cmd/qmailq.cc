// qmailq: takes messages into the queue for qmail's own programs, many at a time, without a
// qmail-queue for each.
//
// Runs as: qmailq, started by qmail-start
// Reads: messages and envelopes of qmail's accounts and root from the connections to the socket
//   on descriptor 0; bin/qmail-queue; /etc/passwd
// Writes: queue/pid, queue/mess, queue/intd, queue/todo, queue/lock/trigger
// Executes: nothing
// Trusts: nobody; the kernel says who has connected
// Exits: 0 100 111

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/narrow.h"
#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "queue/posix_files.h"
#include "queue/resident.h"
#include "queue/split.h"
#include "queue/submission.h"
#include "queue/trigger.h"
#include "sys/background.h"
#include "sys/confine.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/own_program.h"
#include "sys/process_watch.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/signals.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)

constexpr auto kQueueMark = sys::program_mark("qmail-queue");

// The syncs that run at once: of one message three, of many messages one each.
constexpr std::size_t kThreads = 24;

// The most messages at a time, and the descriptors that each may need: its connection and its
// files.
constexpr std::size_t kMost = 200;
constexpr std::size_t kDescriptorsPerMessage = 4;
constexpr std::size_t kOtherDescriptors = 16 + kThreads;

// The most directories that are kept open to be synced, if there are descriptors for them; the
// others are opened each time.
constexpr std::size_t kMostDirectories = 64;

struct Capacity {
  std::size_t messages = 0;
  std::size_t directories = 0;
};

// Returns what the limit of descriptors allows, after it has been raised as far as it is
// needed.
Capacity capacity() {
  constexpr rlim_t kForMessages = kMost * kDescriptorsPerMessage + kOtherDescriptors;
  constexpr rlim_t kWanted = kForMessages + kMostDirectories;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return {1, 0};
  }
  if (limit.rlim_cur < kWanted) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kWanted);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
  }
  const rlim_t usable = std::min(limit.rlim_cur, kWanted);
  if (usable >= kForMessages) {
    return {kMost, base::narrow<std::size_t>(usable - kForMessages)};
  }
  const rlim_t for_messages = usable <= kOtherDescriptors ? 0 : usable - kOtherDescriptors;
  return {base::narrow<std::size_t>(for_messages / kDescriptorsPerMessage), 0};
}

void keep_directories(queue::PosixFiles& files, std::uint64_t split, std::size_t most) {
  if (most == 0) {
    return;
  }
  files.keep_open(std::string(mail::kind_name(mail::QueueKind::todo)));
  for (std::uint64_t index = 0; index < std::min<std::uint64_t>(split, most - 1); ++index) {
    files.keep_open(mail::QueueLayout::subdirectory(mail::QueueKind::mess, index));
  }
}

// Returns the descriptor that is readable when the process that has started this one has ended.
sys::Fd watch_parent(std::string_view parent) {
  const auto pid = base::parse_u64(parent);
  if (!pid) {
    sys::finish(sys::kExitPermanent);
  }
  sys::Fd watch = sys::watch_process(static_cast<pid_t>(*pid));
  // If it ended before, the watch is for another process of the same ID, or none.
  if (!watch.valid() || static_cast<std::uint64_t>(::getppid()) != *pid) {
    sys::finish(sys::kExitTemporary);
  }
  return watch;
}

// Returns the descriptor that is readable after SIGTERM.
int set_signals() {
  sys::ignore_signals(
      {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF});
  const auto requests = sys::signals_to_pipe({SIGTERM});
  if (!requests) {
    sys::finish(sys::kExitTemporary);
  }
  return *requests;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({.umask = queue::kUmask});
  if (argc != 2 || !sys::is_socket(STDIN_FILENO)) {
    sys::finish(sys::kExitPermanent);
  }
  sys::close_from(STDERR_FILENO + 1);
  queue::Resident::Settings settings;
  settings.listener = STDIN_FILENO;
  const sys::Fd parent = watch_parent(argv[1]);
  settings.end_requests = {set_signals(), parent.get()};
  const Capacity most = capacity();
  settings.most = most.messages;
  if (!sys::Program::enter_home() || !sys::change_directory("queue")) {
    sys::finish(sys::kExitTemporary);
  }
  queue::PosixFiles files;
  const std::uint64_t split = queue::count_split(files).value_or(0);
  auto threads = sys::ThreadPool::make(kThreads);
  if (split == 0 || !threads) {
    sys::finish(sys::kExitTemporary);
  }
  keep_directories(files, split, most.directories);
  settings.layout = mail::QueueLayout(split);
  settings.release = config::kVersion;
  sys::OwnProgram queue_program(base::concat({config::kHome, "/bin/qmail-queue"}),
                                {kQueueMark.begin(), kQueueMark.end()}, ::geteuid());
  settings.program = [&queue_program]() -> std::optional<std::string> {
    if (!queue_program.is_there()) {
      return std::nullopt;
    }
    return sys::to_text(*queue_program.version());
  };
  settings.pull_trigger = [] { queue::pull_trigger(); };
  settings.last_number = static_cast<std::uint64_t>(::getpid());
  (void)sys::confine_calls(compat::Calls::queueing);
  queue::Resident resident(std::move(settings), files, **threads);
  sys::finish(resident.run() ? sys::kExitSuccess : sys::kExitTemporary);
}
