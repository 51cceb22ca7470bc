// qmail-clean: removes queue files for qmail-send, which has no permission to.
//
// Runs as: qmailq, started by qmail-start
// Reads: commands from descriptor 0
// Writes: answers to descriptor 1; removes files in queue/intd, queue/mess, queue/todo,
//   queue/pid
// Executes: nothing
// Trusts: qmail-send for the numbers of messages only
// Exits: 0 111

#include <unistd.h>

#include <string>
#include <string_view>

#include "mail/clean_command.h"
#include "mail/queue_names.h"
#include "queue/cleaner.h"
#include "queue/janitor.h"
#include "queue/posix_files.h"
#include "queue/split.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)

// The number of commands after which pid/ is swept; it is also swept at the start.
constexpr int kCommandsPerSweep = 30;

class Commands {
 public:
  // Reads the next command without its NUL; returns false at the end.
  bool next(std::string& command) {
    command.clear();
    for (;;) {
      const auto byte = reader_.get();
      if (!byte || !*byte) {
        return false;
      }
      if (**byte == '\0') {
        return true;
      }
      // The rest of a command that is too long is dropped; it remains longer than the limit.
      if (command.size() <= mail::kCleanCommandMax) {
        command.push_back(**byte);
      }
    }
  }

 private:
  sys::Reader reader_{STDIN_FILENO};
};

char answer(queue::Cleaner& cleaner, std::string_view text) {
  const auto command = mail::parse_clean_command(text);
  return command ? cleaner.clean(*command) : mail::kCleanRefused;
}

void serve(queue::Files& files, mail::QueueLayout layout) {
  Commands commands;
  queue::Cleaner cleaner(files, layout);
  std::string command;
  int until_sweep = 0;
  for (;;) {
    if (until_sweep == 0) {
      (void)queue::sweep_pid_files(files, sys::now());
      until_sweep = kCommandsPerSweep;
    }
    --until_sweep;
    if (!commands.next(command)) {
      return;
    }
    const char byte = answer(cleaner, command);
    if (!sys::write_all(STDOUT_FILENO, std::string_view(&byte, 1))) {
      return;
    }
  }
}

}  // namespace

int main() {
  const sys::Program program;
  if (!sys::Program::enter_home() || !sys::change_directory("queue")) {
    sys::finish(sys::kExitTemporary);
  }
  queue::PosixFiles files;
  const std::uint64_t split = queue::count_split(files).value_or(0);
  if (split == 0) {
    sys::finish(sys::kExitTemporary);
  }
  serve(files, mail::QueueLayout(split));
  sys::finish(sys::kExitSuccess);
}
