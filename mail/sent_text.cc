#include "mail/sent_text.h"

#include <utility>

namespace reqmail::mail {

std::string_view SentText::next(std::string_view piece) {
  constexpr std::string_view kChanged("\r\0", 2);
  // Most pieces have neither.
  if (!held_cr_ && piece.find_first_of(kChanged) == std::string_view::npos) {
    return piece;
  }
  out_.clear();
  out_.reserve(piece.size() + 1);
  for (const char c : piece) {
    if (held_cr_ && c != '\n') {
      out_.push_back(' ');
    }
    held_cr_ = c == '\r';
    if (!held_cr_) {
      out_.push_back(c == '\0' ? ' ' : c);
    }
  }
  return out_;
}

std::string_view SentText::finish() {
  return std::exchange(held_cr_, false) ? " " : "";
}

}  // namespace reqmail::mail
