// A message in the form in which SMTP sends it, but with LF as line end: what signatures are
// made of.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::mail {

class SentText {
 public:
  // Returns the converted piece, which may be empty: the CR of a CR LF is removed; NUL, and a
  // CR without LF, become a blank. The view is valid until the next call.
  std::string_view next(std::string_view piece);

  // Returns what was held back. Called after the last piece.
  std::string_view finish();

 private:
  std::string out_;
  bool held_cr_ = false;
};

}  // namespace reqmail::mail
