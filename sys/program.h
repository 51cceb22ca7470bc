// The first lines of every main in one object: what a program must have settled before it does
// anything else. What shall confine a program belongs here too.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sys/exits.h"

namespace reqmail::sys {

struct ProgramStart {
  // What the process ends with when memory runs out, and when the library finds a bug
  // (length_error, bad access).
  int out_of_memory = kExitTemporary;
  int bug = kExitTemporary;

  // What is said, and on which descriptor, when memory runs out. The text must live for the
  // whole process.
  int out_of_memory_fd = -1;
  std::string_view out_of_memory_text = {};

  // A daemon that must not end says that text, sleeps for so many seconds, and tries the
  // allocation again.
  unsigned memory_wait_seconds = 0;

  // The process holds passwords or keys: no core dump and no tracing (hide_memory).
  bool holds_secrets = false;

  // Permission bits that files created by the program do not get.
  std::optional<mode_t> umask = std::nullopt;

  // Descriptors from this one on, inherited ones included, are for no program that is run.
  std::optional<int> close_on_exec_from = std::nullopt;
};

class Program {
 public:
  // Does all of that. Missing descriptors 0, 1 and 2 are filled with /dev/null, 0 opened
  // write-only and 1 read-only, so that a closed input or output stays an error and no queue or
  // mail file ever gets a number below 3.
  explicit Program(const ProgramStart& start = {});

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() = default;

  // Whether the program was started with this one of the descriptors 0, 1 and 2.
  [[nodiscard]] bool was_given(int fd) const;

  // Goes to qmail's home directory. Failure.error is the errno.
  static Result<void> enter_home();

 private:
  std::array<bool, 3> given_;
};

}  // namespace reqmail::sys
