// A message on its way out by SMTP (RFC 5321 sections 2.3.8 and 4.5.2): whatever bytes it has,
// the peer sees lines that end in CR LF and no other CR or LF, and no line of a lone dot but
// the last one.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::proto {

class SmtpDataEncoder {
 public:
  // Appends what a piece of the message becomes. LF, with or without a CR before it, is a line
  // end. A CR without LF, and NUL, become a blank. A dot is doubled where it begins a line of
  // what is sent.
  void encode(std::string_view piece, std::string& out);

  // Ends the message with its lone dot. False, and nothing is appended, where its last line has
  // no line end: SMTP cannot say that.
  bool finish(std::string& out) const;

 private:
  void append_line_part(std::string_view part, std::string& out);

  bool line_start_ = true;
  bool held_cr_ = false;
};

}  // namespace reqmail::proto
