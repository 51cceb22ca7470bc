// Converts messages whose lines end in CR LF to lines that end in LF.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// Returns whether the lines of a message end in CR LF, which its first line decides. `whole`
// means that `beginning` is the complete message; if its last line then ends in LF alone, the
// message has both line ends and the result is false.
bool has_crlf_line_ends(std::string_view beginning, bool whole);

// Replaces each CR LF by LF, also if pieces are divided between CR and LF.
class CrlfRemover {
 public:
  // Returns the converted piece, which may be empty. The view is valid until the next call.
  std::string_view next(std::string_view piece);

  // Called after the last piece; returns the bytes that were held back.
  std::string_view finish();

 private:
  std::vector<char> out_;
  bool held_cr_ = false;
};

}  // namespace reqmail::mail
