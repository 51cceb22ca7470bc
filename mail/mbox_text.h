// The body of a message as an mbox file holds it (mbox(5)).
#pragma once

#include <string>
#include <string_view>

namespace reqmail::mail {

// Puts '>' in front of every line that begins with "From " or with '>'s and "From ", ends the
// last line and adds the blank line that ends a message. Takes the message in pieces of any
// size.
class MboxText {
 public:
  // Appends the quoted form of `piece` to `out`; a line's beginning that may still turn out to
  // need quoting is kept for the next call.
  void add(std::string_view piece, std::string& out);

  // The message is complete.
  void finish(std::string& out);

 private:
  bool at_line_start_ = true;
  // The beginning of a line that is a beginning of ">...From ".
  std::string start_;
};

}  // namespace reqmail::mail
