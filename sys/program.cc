#include "sys/program.h"

#include <unistd.h>

#include <cstddef>
#include <new>
#include <string>

#include "compat/heap.h"
#include "compat/terminate.h"
#include "config.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/secrets.h"

namespace reqmail::sys {

namespace {

// The handlers of the C++ library take no argument, so their data is global. It is written only
// once, at the start of main.
constinit ProgramStart
    memory_start;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void say_out_of_memory() {
  const std::string_view text = memory_start.out_of_memory_text;
  if (!text.empty()) {
    (void)!::write(memory_start.out_of_memory_fd, text.data(), text.size());
  }
}

[[noreturn]] void end_out_of_memory() {
  say_out_of_memory();
  finish(memory_start.out_of_memory);
}

void wait_for_memory() {
  say_out_of_memory();
  (void)::sleep(memory_start.memory_wait_seconds);
}

[[noreturn]] void end_bug() {
  finish(memory_start.bug);
}

}  // namespace

Program::Program(const ProgramStart& start) : given_{is_open(0), is_open(1), is_open(2)} {
  if (start.heap_step) {
    compat::set_heap_step(static_cast<std::size_t>(*start.heap_step));
  }
  if (start.holds_secrets) {
    hide_memory();
  }
  fill_standard_descriptors();
  memory_start = start;
  std::set_new_handler(start.memory_wait_seconds > 0 ? wait_for_memory : end_out_of_memory);
  compat::set_terminate_handler(end_bug);
  if (start.close_on_exec_from) {
    set_close_on_exec_from(*start.close_on_exec_from);
  }
  if (start.umask) {
    set_umask(*start.umask);
  }
}

bool Program::was_given(int fd) const {
  return given_[static_cast<std::size_t>(fd)];
}

Result<void> Program::enter_home() {
  return change_directory(std::string(config::kHome));
}

}  // namespace reqmail::sys
