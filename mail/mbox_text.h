// Converts the body of a message to the form of an mbox file (mbox(5)).
#pragma once

#include <string>
#include <string_view>

namespace reqmail::mail {

// Puts '>' before every line that begins with "From ", or with '>' characters and "From ". It
// ends the last line and adds the blank line that ends a message. It takes the message in
// pieces of any size.
class MboxText {
 public:
  // Appends the quoted form of `piece` to `out`. The beginning of a line that may have to be
  // quoted is kept for the next call.
  void add(std::string_view piece, std::string& out);

  // Called when the message is complete.
  void finish(std::string& out);

 private:
  bool at_line_start_ = true;
  // The beginning of a line, as long as it may become ">...From ".
  std::string start_;
};

}  // namespace reqmail::mail
