#include "mail/header_reader.h"

#include <algorithm>

#include "mail/header_field.h"

namespace reqmail::mail {

namespace {

// The size at which a line without LF is examined for the first time, in bytes.
constexpr std::size_t kFirstLook = 1024;

}  // namespace

Result<std::size_t> HeaderReader::add(std::string_view bytes) {
  std::size_t taken = 0;
  while (!ended_ && taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    const std::size_t newline = rest.find('\n');
    const std::size_t count = std::min(newline, rest.size() - 1) + 1;
    line_.append(rest.substr(0, count));
    taken += count;
    auto done = newline == std::string_view::npos ? part_of_line() : whole_line();
    if (!done) {
      return done.error();
    }
  }
  return taken;
}

Result<void> HeaderReader::finish() {
  if (!ended_ && !line_.empty()) {
    line_.push_back('\n');
    if (auto done = whole_line(); !done) {
      return done;
    }
  }
  return ended_ ? Result<void>() : header_ends(HeaderEnd::none);
}

// Ends the header as soon as an incomplete line cannot be part of it, since a body with a long
// first line need not fit in memory. The line is examined again only when its length has
// doubled, so that a long field takes no more than linear time.
Result<void> HeaderReader::part_of_line() {
  if (line_.size() < std::max(next_look_, kFirstLook)) {
    return {};
  }
  next_look_ = 2 * line_.size();
  const LineKind kind = line_kind(line_);
  if (kind == LineKind::end_of_header || (kind == LineKind::continuation && field_.empty())) {
    return header_ends(HeaderEnd::missing);
  }
  return {};
}

Result<void> HeaderReader::whole_line() {
  next_look_ = 0;
  if (line_ == "\n") {
    line_.clear();
    return header_ends(HeaderEnd::blank_line);
  }
  const LineKind kind = line_kind(line_);
  if (kind == LineKind::continuation && !field_.empty()) {
    field_.append(line_);
    line_.clear();
    return {};
  }
  if (kind != LineKind::field && kind != LineKind::mbox_line) {
    return header_ends(HeaderEnd::missing);
  }
  if (auto done = field_ends(); !done) {
    return done;
  }
  field_.swap(line_);
  line_.clear();
  return {};
}

Result<void> HeaderReader::field_ends() {
  if (field_.empty()) {
    return {};
  }
  auto done = handler_(field_);
  field_.clear();
  return done;
}

Result<void> HeaderReader::header_ends(HeaderEnd end) {
  ended_ = true;
  end_ = end;
  return field_ends();
}

}  // namespace reqmail::mail
