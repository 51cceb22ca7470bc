// Encodes a message for SMTP (RFC 5321 sections 2.3.8 and 4.5.2): whatever bytes it has, the
// peer gets lines that end in CR LF, no other CR or LF, and no line with a lone dot except the
// last.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reqmail::proto {

// The longest line in bytes without its line end (RFC 5322 section 2.1.1).
inline constexpr std::size_t kFoldedLineMax = 998;

class SmtpDataEncoder {
 public:
  SmtpDataEncoder() = default;

  // With `fold`, a line of more than kFoldedLineMax bytes becomes several lines, of which all
  // but the first begin with a blank.
  explicit SmtpDataEncoder(bool fold) : fold_(fold) {}

  // Appends the encoded form of a piece of the message. LF, with or without a CR before it, is
  // a line end. NUL, and a CR without LF, become a blank. A dot at the beginning of a line of
  // the encoded form is doubled.
  void encode(std::string_view piece, std::string& out);

  // Appends the lone dot that ends the message. Returns false and appends nothing if the last
  // line of the message has no line end, which SMTP cannot express.
  bool finish(std::string& out) const;

 private:
  void append_line_part(std::string_view part, std::string& out);

  void append_bytes(std::string_view part, std::string& out);

  bool fold_ = false;
  // The bytes of the line so far; counted only with fold_.
  std::size_t line_length_ = 0;
  bool line_start_ = true;
  bool held_cr_ = false;
};

}  // namespace reqmail::proto
