// Lines of control files that are malformed.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::base {

// A line that is ignored, and the reason.
struct BadLine {
  std::string text;
  std::string why;
};

// Returns "FILE: bad line: TEXT (WHY)", with unprintable bytes replaced. `file` is the path in
// the form that users know: "control/badmailfrom".
std::string bad_line_message(std::string_view file, const BadLine& line);

}  // namespace reqmail::base
