// The first steps of every main in one object. Confinement of all programs would belong here
// too.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sys/exits.h"

namespace reqmail::sys {

struct ProgramStart {
  // The exit codes when memory runs out, and when the library detects a bug (length_error, bad
  // access).
  int out_of_memory = kExitTemporary;
  int bug = kExitTemporary;

  // The text that is written when memory runs out, and its descriptor. The text must live as
  // long as the process.
  int out_of_memory_fd = -1;
  std::string_view out_of_memory_text = {};

  // If this is not 0, the program is a daemon that must not end: when memory runs out it writes
  // that text, sleeps for this many seconds, and repeats the allocation.
  unsigned memory_wait_seconds = 0;

  // The process holds passwords or keys, so there is no core dump and no tracing
  // (hide_memory()).
  bool holds_secrets = false;

  // By how many bytes more than needed the heap grows, if it is not the library's step, 128 KiB
  // with glibc: for programs that run under small limits of memory.
  std::optional<int> heap_step = std::nullopt;

  // Permission bits that files created by the program do not get.
  std::optional<mode_t> umask = std::nullopt;

  // If set, descriptors from this one on, inherited ones included, become close-on-exec.
  std::optional<int> close_on_exec_from = std::nullopt;
};

class Program {
 public:
  // Does all of that. A missing descriptor 0, 1 or 2 becomes /dev/null, 0 opened write-only and
  // 1 read-only, so that reading from a closed input or writing to a closed output remains an
  // error, and no queue or mail file ever gets a number below 3.
  explicit Program(const ProgramStart& start = {});

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() = default;

  // Returns whether the descriptor, which is 0, 1 or 2, was open when the program started.
  [[nodiscard]] bool was_given(int fd) const;

  // Changes to qmail's home directory. Failure.error is the errno.
  static Result<void> enter_home();

 private:
  std::array<bool, 3> given_;
};

}  // namespace reqmail::sys
