// Replies of an SMTP server (RFC 5321 section 4.2), taken apart as their bytes come. The peer
// may send anything: what is kept is bounded, and so is what is read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::proto {

// The most of a reply that a report shows.
inline constexpr std::size_t kReplyTextMax = 5000;
// A longer line, or a longer reply, is no reply.
inline constexpr std::size_t kReplyLineMax = 65536;
inline constexpr std::size_t kReplyMax = std::size_t{1} << 20;

struct SmtpReply {
  // The code of the first line; 0 where that does not begin with three digits.
  int code = 0;
  // All lines as a report shows them, each with its LF: CR left out, NUL and other controls but
  // tab as '?'; cut after kReplyTextMax bytes.
  std::string text;
};

class SmtpReplyParser {
 public:
  enum class State { more, complete, too_long };

  // Takes bytes from the front of `input` until a reply is complete; what follows it is left.
  State feed(std::string_view& input);

  // The complete reply; the parser is ready for the next one.
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
