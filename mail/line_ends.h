// Messages whose lines end in CR LF, handed over where lines end in LF.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// Whether the lines of a message end in CR LF: its first line does. A message of which all is
// there (`whole`) and whose last line ends in LF alone has both, and is none of these.
bool has_crlf_line_ends(std::string_view beginning, bool whole);

// Makes each CR LF an LF, over the borders of pieces.
class CrlfRemover {
 public:
  // What is to be passed on of the next piece; may be empty. The view lives until the next
  // call.
  std::string_view next(std::string_view piece);

  // Nothing comes any more: what was held back.
  std::string_view finish();

 private:
  std::vector<char> out_;
  bool held_cr_ = false;
};

}  // namespace reqmail::mail
