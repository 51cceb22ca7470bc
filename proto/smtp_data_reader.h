// Converts a message from the form that SMTP sends to the form that is stored (RFC 5321
// sections 2.3.8, 4.5.2 and 4.1.1.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::proto {

// How far the data of one message has come. Only CR LF "." CR LF ends it, whatever comes before
// its first CR (another CR belongs to the line). Everything else that other servers may take
// for the end (bare LF, bare CR and their mixtures) is data or is refused, so that no message
// can smuggle another one in.
enum class SmtpDataState {
  more,     // the end has not come yet
  ended,    // the final dot has come
  refused,  // a bare LF has come: no part of the message may be kept
};

// Takes the bytes that follow the reply to DATA, in pieces of any size.
class SmtpDataReader {
 public:
  // Appends the stored form of `bytes` to `message`: CR LF becomes LF, and a leading dot is
  // removed from lines that have more than the dot. Returns how many bytes belong to the
  // message: all of them, unless the message has ended within them.
  std::size_t feed(std::string_view bytes, std::string& message);

  [[nodiscard]] SmtpDataState state() const { return state_; }

 private:
  enum class At { line_start, dot, dot_cr, cr, text };

  std::size_t take_text(std::string_view bytes, std::string& message);
  std::size_t take_after_dot(char next);
  std::size_t take_after_dot_cr(char next, std::string& message);
  std::size_t take_after_cr(char next, std::string& message);
  void end_line(std::string& message);

  void refuse() { state_ = SmtpDataState::refused; }

  SmtpDataState state_ = SmtpDataState::more;
  At at_ = At::line_start;
};

}  // namespace reqmail::proto
