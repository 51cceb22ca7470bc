// How the small programs for .qmail files report errors and end.
#pragma once

#include <string>
#include <string_view>

#include "sys/program.h"

namespace reqmail::local {

class Tool {
 public:
  // Begins the program. `name` must outlive the object.
  explicit Tool(std::string_view name, const sys::ProgramStart& start = {});

  // Prints "NAME: usage: NAME ARGUMENTS" and ends with exit code 100.
  [[noreturn]] void usage(std::string_view arguments) const;

  // Prints "NAME: fatal: TEXT" and ends with `code`.
  [[noreturn]] void fatal(std::string_view text, int code) const;

  // Prints "NAME: TEXT".
  void say(std::string_view text) const;

  // Returns the value of a variable. If it is not set, prints "NAME: fatal: VARIABLE not set"
  // and ends with `code`.
  [[nodiscard]] std::string variable(const char* name, int code) const;

 private:
  sys::Program program_;
  std::string_view name_;
};

// Returns the text for an unknown option, "illegal option -- x", or for a missing value.
std::string bad_option_text(bool unknown, char letter);

}  // namespace reqmail::local
