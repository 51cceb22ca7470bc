#include "sys/exits.h"

#include <unistd.h>

#include <exception>
#include <new>

namespace reqmail::sys {

namespace {

struct FailureExits {
  int out_of_memory = kExitTemporary;
  int bug = kExitTemporary;
  int fd = -1;
  std::string_view text;
  unsigned seconds = 0;
};

// The handlers of the C++ library take no argument, so what they need lies here; written once,
// at the start of main.
FailureExits failure_exits;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

[[noreturn]] void end_out_of_memory() {
  if (!failure_exits.text.empty()) {
    (void)!::write(failure_exits.fd, failure_exits.text.data(), failure_exits.text.size());
  }
  ::_exit(failure_exits.out_of_memory);
}

void wait_for_memory() {
  (void)!::write(failure_exits.fd, failure_exits.text.data(), failure_exits.text.size());
  (void)::sleep(failure_exits.seconds);
}

[[noreturn]] void end_bug() {
  ::_exit(failure_exits.bug);
}

}  // namespace

void finish(int code) {
  ::_exit(code);
}

void install_failure_exits(int out_of_memory, int bug) {
  install_failure_exits(out_of_memory, bug, -1, {});
}

void install_failure_exits(int out_of_memory, int bug, int fd, std::string_view text) {
  failure_exits = FailureExits{out_of_memory, bug, fd, text, 0};
  std::set_new_handler(end_out_of_memory);
  std::set_terminate(end_bug);
}

void install_memory_wait(int fd, std::string_view text, unsigned seconds, int bug) {
  failure_exits = FailureExits{kExitTemporary, bug, fd, text, seconds};
  std::set_new_handler(wait_for_memory);
  std::set_terminate(end_bug);
}

}  // namespace reqmail::sys
