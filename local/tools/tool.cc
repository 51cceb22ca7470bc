#include "local/tools/tool.h"

#include <unistd.h>

#include "base/text.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/stream.h"

namespace reqmail::local {

Tool::Tool(std::string_view name, const sys::ProgramStart& start)
    : program_(start), name_(name) {}

void Tool::usage(std::string_view arguments) const {
  say(base::concat({"usage: ", name_, " ", arguments}));
  sys::finish(sys::kExitPermanent);
}

void Tool::fatal(std::string_view text, int code) const {
  say(base::concat({"fatal: ", text}));
  sys::finish(code);
}

void Tool::say(std::string_view text) const {
  // Nothing can be done if this cannot be written.
  (void)!sys::write_all(STDERR_FILENO, base::concat({name_, ": ", text, "\n"})).has_value();
}

std::string Tool::variable(const char* name, int code) const {
  auto value = sys::environment_value(name);
  if (!value) {
    fatal(base::concat({name, " not set"}), code);
  }
  return *std::move(value);
}

std::string bad_option_text(bool unknown, char letter) {
  return base::concat({unknown ? "illegal option -- " : "option requires an argument -- ",
                       std::string(1, letter)});
}

}  // namespace reqmail::local
