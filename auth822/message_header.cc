#include "auth822/message_header.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/header_field.h"

namespace reqmail::auth822 {

namespace {

// The first line of the text with its line end.
std::string_view first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

std::string name_of(std::string_view line) {
  const auto parts = mail::split_field(line);
  return parts ? base::lower(base::trim_end(parts->name)) : std::string();
}

}  // namespace

std::string_view RawField::value() const {
  return std::string_view(raw).substr(raw.find(':') + 1);
}

MessageHeader::MessageHeader(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = first_line(text);
    if (base::is_blank(line.front()) && !fields_.empty()) {
      fields_.back().raw.append(line);
    } else {
      fields_.push_back({name_of(line), std::string(line)});
    }
    text.remove_prefix(line.size());
  }
}

std::vector<const RawField*> MessageHeader::named(std::string_view name) const {
  std::vector<const RawField*> found;
  for (const RawField& field : fields_) {
    if (field.name == name) {
      found.push_back(&field);
    }
  }
  return found;
}

std::string_view HeaderCutter::lines() const {
  const std::string_view all = header_;
  return too_long_ ? all.substr(0, all.rfind('\n') + 1) : all;
}

std::string_view HeaderCutter::take(std::string_view piece) {
  if (in_body_) {
    return piece;
  }
  const std::size_t room = kHeaderMax + 1 - header_.size();
  const std::size_t end = end_in(piece.substr(0, room));
  if (end != std::string_view::npos) {
    in_body_ = true;
    header_.append(piece.substr(0, end - 1));
    return piece.substr(end);
  }
  header_.append(piece.substr(0, room));
  too_long_ = in_body_ = header_.size() > kHeaderMax;
  return piece.substr(std::min(room, piece.size()));
}

std::size_t HeaderCutter::end_in(std::string_view piece) const {
  const bool line_begins = header_.empty() || header_.ends_with('\n');
  if (line_begins && piece.starts_with('\n')) {
    return 1;
  }
  const std::size_t line_end = piece.find("\n\n");
  return line_end == std::string_view::npos ? line_end : line_end + 2;
}

}  // namespace reqmail::auth822
