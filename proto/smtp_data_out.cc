#include "proto/smtp_data_out.h"

#include <algorithm>

namespace reqmail::proto {

namespace {

bool needs_blank(char c) {
  return c == '\r' || c == '\0';
}

}  // namespace

// Appends a part of one line, without its line end. `part` may have CRs that no LF follows.
void SmtpDataEncoder::append_line_part(std::string_view part, std::string& out) {
  if (part.empty()) {
    return;
  }
  if (line_start_ && part.front() == '.') {
    out.push_back('.');
  }
  line_start_ = false;
  while (fold_ && line_length_ + part.size() > kFoldedLineMax) {
    const std::size_t fits = kFoldedLineMax - line_length_;
    append_bytes(part.substr(0, fits), out);
    part.remove_prefix(fits);
    out.append("\r\n ");
    line_length_ = 1;
  }
  line_length_ += fold_ ? part.size() : 0;
  append_bytes(part, out);
}

void SmtpDataEncoder::append_bytes(std::string_view part, std::string& out) {
  const std::size_t start = out.size();
  out.append(part);
  // Most messages have neither, so this search avoids the replacement.
  if (part.find('\r') != std::string_view::npos || part.find('\0') != std::string_view::npos) {
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), needs_blank,
                    ' ');
  }
}

void SmtpDataEncoder::encode(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    // The last piece ended in a CR, and now it is known that no LF follows it.
    if (held_cr_ && piece.front() != '\n') {
      append_line_part("\r", out);
    }
    held_cr_ = false;
    const std::size_t newline = piece.find('\n');
    std::string_view line = piece.substr(0, newline);
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
      held_cr_ = newline == std::string_view::npos;
    }
    append_line_part(line, out);
    if (newline == std::string_view::npos) {
      return;
    }
    out.append("\r\n");
    line_start_ = true;
    line_length_ = 0;
    piece.remove_prefix(newline + 1);
  }
}

bool SmtpDataEncoder::finish(std::string& out) const {
  if (!line_start_ || held_cr_) {
    return false;
  }
  out.append(".\r\n");
  return true;
}

}  // namespace reqmail::proto
