// Parses the lines of a .qmail file (dot-qmail(5)). This code does no input or output.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace reqmail::local {

// A line `&address`, or one that does not begin with # | & + . or /.
struct Forward {
  std::string address;
};

// A path that begins with '.' or '/' and ends with '/'.
struct Maildir {
  std::string path;
};

// Any other path that begins with '.' or '/'.
struct Mbox {
  std::string path;
};

// A line `|command`.
struct Program {
  std::string command;
};

// The line `+list`: after it only forwards are allowed.
struct ForwardOnly {};

using Instruction = std::variant<Forward, Maildir, Mbox, Program, ForwardOnly>;

// Returns the instructions in order, without comments, blank lines and unknown words after '+'.
// Blanks and tabs at the end of a line are ignored, and a NUL ends a line's text. If the first
// line is blank, it is a temporary Failure, since the file may be half edited.
Result<std::vector<Instruction>> parse_dot_qmail(std::string_view text);

}  // namespace reqmail::local
