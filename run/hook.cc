#include "run/hook.h"

#include "base/text.h"
#include "sys/env.h"

namespace reqmail::run {

std::string hook_program(const char* variable, const std::string& home,
                         const std::string& fallback) {
  auto program = sys::environment_value(variable);
  if (!program || program->empty()) {
    return fallback;
  }
  return program->front() == '/' ? *program : base::concat({home, "/", *program});
}

}  // namespace reqmail::run
