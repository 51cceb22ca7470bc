// How the small programs that .qmail files call say what went wrong, and end.
#pragma once

#include <string>
#include <string_view>

#include "sys/program.h"

namespace reqmail::local {

class Tool {
 public:
  // Begins the program. `name` must live as long as it.
  explicit Tool(std::string_view name, const sys::ProgramStart& start = {});

  // "NAME: usage: NAME ARGUMENTS", exit code 100.
  [[noreturn]] void usage(std::string_view arguments) const;

  // "NAME: fatal: TEXT".
  [[noreturn]] void fatal(std::string_view text, int code) const;

  // "NAME: TEXT", and the program goes on.
  void say(std::string_view text) const;

  // The value of a variable that must be set: "NAME: fatal: VARIABLE not set" if it is not.
  [[nodiscard]] std::string variable(const char* name, int code) const;

 private:
  sys::Program program_;
  std::string_view name_;
};

// What a program answers to an unknown option or a missing value: "illegal option -- x".
std::string bad_option_text(bool unknown, char letter);

}  // namespace reqmail::local
