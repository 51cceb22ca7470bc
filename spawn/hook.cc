#include "spawn/hook.h"

#include <sys/stat.h>

#include "base/text.h"
#include "sys/env.h"
#include "sys/file.h"

namespace reqmail::spawn {

std::string hook_program(const char* variable, const std::string& home,
                         const std::string& fallback) {
  auto program = sys::environment_value(variable);
  if (!program || program->empty()) {
    return fallback;
  }
  return program->front() == '/' ? *program : base::concat({home, "/", *program});
}

bool is_barred(const std::string& path) {
  constexpr mode_t kAnyExecute = S_IXUSR | S_IXGRP | S_IXOTH;
  const auto status = sys::status(path);
  return status && (status->st_mode & kAnyExecute) == 0;
}

}  // namespace reqmail::spawn
