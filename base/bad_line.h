// Lines of control files that make no sense.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::base {

// A line that is left out, and why.
struct BadLine {
  std::string text;
  std::string why;
};

// "FILE: bad line: TEXT (WHY)", in characters that a log or a terminal may get. `file` is the
// path of the file as it is named to people: "control/badmailfrom".
std::string bad_line_message(std::string_view file, const BadLine& line);

}  // namespace reqmail::base
