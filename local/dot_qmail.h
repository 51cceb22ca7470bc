// What the lines of a .qmail file say (dot-qmail(5)). No I/O.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace reqmail::local {

// &address, or a line that begins with none of # | & + . and /.
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

// |command
struct Program {
  std::string command;
};

// +list: from here on only forwards are allowed.
struct ForwardOnly {};

using Instruction = std::variant<Forward, Maildir, Mbox, Program, ForwardOnly>;

// The instructions in order; comments, blank lines and unknown + words are left out. Blanks and
// tabs at the end of a line do not count, a NUL ends a line's text. A blank first line is a
// temporary Failure: the file may be half edited.
Result<std::vector<Instruction>> parse_dot_qmail(std::string_view text);

}  // namespace reqmail::local
