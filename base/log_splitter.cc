#include "base/log_splitter.h"

#include <utility>

namespace reqmail::base {

namespace {

char shown(char c) {
  return c >= 32 && c <= 126 ? c : '?';
}

LogPriority priority_of(std::string_view line) {
  if (line.starts_with("alert:")) {
    return LogPriority::alert;
  }
  return line.starts_with("warning:") ? LogPriority::warning : LogPriority::info;
}

}  // namespace

LogPiece LogSplitter::cut() {
  if (!continued_) {
    priority_ = priority_of(text_);
  }
  return LogPiece{std::exchange(text_, {}), priority_, std::exchange(continued_, true)};
}

std::optional<LogPiece> LogSplitter::take(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    if (c == '\n') {
      input.remove_prefix(1);
      auto piece = rest();
      continued_ = false;
      if (piece) {
        return piece;
      }
      continue;
    }
    if (text_.size() == kLogPieceMax) {
      return cut();
    }
    text_ += shown(c);
    input.remove_prefix(1);
  }
  return std::nullopt;
}

std::optional<LogPiece> LogSplitter::rest() {
  if (text_.empty()) {
    return std::nullopt;
  }
  return cut();
}

}  // namespace reqmail::base
