// Parses replies of an SMTP server (RFC 5321 section 4.2) as their bytes come. The peer may
// send anything, so there are limits both for the text that is kept and for the bytes that are
// read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::proto {

// The longest text of a reply in a report, in bytes.
inline constexpr std::size_t kReplyTextMax = 5000;
// A longer line, or a longer reply, is not accepted as a reply.
inline constexpr std::size_t kReplyLineMax = 65536;
inline constexpr std::size_t kReplyMax = std::size_t{1} << 20;

struct SmtpReply {
  // The code of the first line; 0 if that does not begin with three digits.
  int code = 0;
  // The code of the last line, which is another one if the server has changed its mind.
  int last_code = 0;
  // All lines as a report shows them, each with its LF: CR is left out, NUL and other control
  // characters except tab become '?'. The text is cut after kReplyTextMax bytes.
  std::string text;
};

class SmtpReplyParser {
 public:
  enum class State { more, complete, too_long };

  // Takes bytes from the front of `input` until a reply is complete and leaves the bytes after
  // it.
  State feed(std::string_view& input);

  // Returns the complete reply, or what has come of one; the parser is then ready for the next
  // one.
  SmtpReply take();

 private:
  void take_byte(char c);

  SmtpReply reply_;
  std::string start_;
  std::size_t line_ = 0;
  std::size_t total_ = 0;
  bool first_line_ = true;
};

}  // namespace reqmail::proto
