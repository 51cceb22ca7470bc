#include "mail/mbox_text.h"

namespace reqmail::mail {

namespace {

constexpr std::string_view kFrom = "From ";

enum class Match { no, perhaps, yes };

// Returns whether a line with this beginning must be quoted.
Match from_match(std::string_view start) {
  const std::size_t quotes = start.find_first_not_of('>');
  if (quotes == std::string_view::npos) {
    return Match::perhaps;
  }
  const std::string_view word = start.substr(quotes, kFrom.size());
  if (word == kFrom) {
    return Match::yes;
  }
  return kFrom.substr(0, word.size()) == word ? Match::perhaps : Match::no;
}

}  // namespace

void MboxText::add(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    const std::size_t newline = piece.find('\n');
    const std::size_t length = newline == std::string_view::npos ? piece.size() : newline + 1;
    std::string_view part = piece.substr(0, length);
    piece.remove_prefix(length);
    if (!at_line_start_) {
      out.append(part);
      at_line_start_ = newline != std::string_view::npos;
      continue;
    }
    // A part is examined in place unless the beginning of its line came in an earlier piece.
    if (!start_.empty()) {
      start_.append(part);
      part = start_;
    }
    const Match match = from_match(part);
    if (match == Match::perhaps) {
      if (start_.empty()) {
        start_.assign(part);
      }
      continue;
    }
    if (match == Match::yes) {
      out.push_back('>');
    }
    out.append(part);
    at_line_start_ = newline != std::string_view::npos;
    start_.clear();
  }
}

void MboxText::finish(std::string& out) {
  out.append(start_);
  if (!at_line_start_ || !start_.empty()) {
    out.push_back('\n');
  }
  out.push_back('\n');
  at_line_start_ = true;
  start_.clear();
}

}  // namespace reqmail::mail
