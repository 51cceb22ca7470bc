#include "scheduler/message_excerpt.h"

#include <cstddef>
#include <utility>

#include "base/text.h"

namespace reqmail::scheduler {

// Returns the piece, or what of it belongs to the header if that alone is wanted.
std::string_view MessageExcerpt::until_end_of_header(std::string_view piece) {
  for (std::size_t i = 0; in_header_ && i < piece.size(); ++i) {
    const bool ends_line = piece[i] == '\n';
    in_header_ = !(ends_line && at_line_start_);
    at_line_start_ = ends_line;
    if (!in_header_ && limit_.header_only) {
      full_ = true;
      return piece.substr(0, i);
    }
  }
  return piece;
}

std::string MessageExcerpt::take(std::string_view piece) {
  if (full_) {
    return {};
  }
  if (limit_.max_bytes == 0) {
    return std::string(until_end_of_header(piece));
  }
  std::string out;
  while (!piece.empty() && !full_) {
    const std::string_view line = piece.substr(0, piece.find('\n'));
    const std::string_view whole = piece.substr(0, line.size() + 1);
    piece.remove_prefix(whole.size());
    if (bytes_ + line_.size() + whole.size() > limit_.max_bytes) {
      cut_ = true;
      full_ = true;
      break;
    }
    line_.append(until_end_of_header(whole));
    if (whole.size() > line.size()) {
      bytes_ += line_.size();
      out.append(std::exchange(line_, {}));
    }
  }
  return out;
}

std::string MessageExcerpt::finish() {
  full_ = true;
  if (!cut_) {
    return std::exchange(line_, {});
  }
  // In a header the words would be a field without a name.
  return base::concat({in_header_ && limit_.is_part ? "\n" : "", kCutHere});
}

}  // namespace reqmail::scheduler
