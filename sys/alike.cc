#include "sys/alike.h"

#include <unistd.h>

#include "compat/close_range.h"
#include "sys/error.h"
#include "sys/signals.h"

namespace reqmail::sys {

namespace {

// The exit code of a child that does not get its descriptors.
constexpr int kNoDescriptors = 120;

[[noreturn]] void become_child(int connection, int other, const std::function<int()>& work) {
  forget_signals();
  if (::dup2(connection, STDIN_FILENO) < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
      (other >= 0 && ::dup2(other, kOtherDescriptor) < 0)) {
    ::_exit(kNoDescriptors);
  }
  compat::close_from(other >= 0 ? kOtherDescriptor + 1 : kOtherDescriptor);
  ::_exit(work());
}

}  // namespace

Result<Child> start_alike(int connection, int other, const std::function<int()>& work) {
  // No handler of ours may run in the child.
  const SignalPause pause;
  const pid_t child = ::fork();
  if (child == 0) {
    become_child(connection, other, work);
  }
  if (child < 0) {
    return system_failure("unable to fork");
  }
  return Child(child);
}

}  // namespace reqmail::sys
