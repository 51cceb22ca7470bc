#include "mail/line_ends.h"

#include <utility>

namespace reqmail::mail {

bool has_crlf_line_ends(std::string_view beginning, bool whole) {
  constexpr std::string_view kCrlf = "\r\n";
  const std::size_t first = beginning.find('\n');
  if (first == std::string_view::npos || !beginning.substr(0, first + 1).ends_with(kCrlf)) {
    return false;
  }
  return !whole || !beginning.ends_with('\n') || beginning.ends_with(kCrlf);
}

std::string_view CrlfRemover::next(std::string_view piece) {
  out_.clear();
  out_.reserve(piece.size() + 1);
  for (const char c : piece) {
    if (std::exchange(held_cr_, false) && c != '\n') {
      out_.push_back('\r');
    }
    if (c == '\r') {
      held_cr_ = true;
    } else {
      out_.push_back(c);
    }
  }
  return std::string_view(out_.data(), out_.size());
}

std::string_view CrlfRemover::finish() {
  return std::exchange(held_cr_, false) ? "\r" : "";
}

}  // namespace reqmail::mail
