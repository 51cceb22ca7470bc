#include "mail/envelope.h"

#include <algorithm>

#include "base/number.h"
#include "mail/address.h"

namespace reqmail::mail {

EnvelopeScanner::Step EnvelopeScanner::feed(std::string_view piece) {
  std::size_t at = 0;
  while (at < piece.size()) {
    if (place_ == Place::address) {
      const std::size_t end = std::min(piece.find('\0', at), piece.size());
      length_ += end - at;
      if (length_ >= kAddressMax) {
        return {State::address_too_long, at};
      }
      at = end;
      if (end < piece.size()) {
        ++at;
        place_ = Place::recipient_letter;
      }
      continue;
    }
    const char letter = piece[at];
    if (place_ == Place::recipient_letter && letter == '\0') {
      return {State::complete, at};
    }
    if (letter != (place_ == Place::sender_letter ? 'F' : 'T')) {
      return {State::malformed, at};
    }
    ++at;
    place_ = Place::address;
    length_ = 0;
  }
  return {State::incomplete, at};
}

std::optional<Record> RecordParser::next() {
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  Record record;
  if (end > 0) {
    record = Record{rest_[0], rest_.substr(1, end - 1)};
  }
  rest_.remove_prefix(end + 1);
  return record;
}

void append_record(std::string& text, char letter, std::string_view value) {
  text.push_back(letter);
  text.append(value);
  text.push_back('\0');
}

std::string info_record(std::string_view sender) {
  std::string text;
  append_record(text, 'F', sender);
  return text;
}

std::string todo_head(std::uint64_t uid, std::uint64_t pid) {
  std::string text;
  append_record(text, 'u', base::decimal(uid));
  append_record(text, 'p', base::decimal(pid));
  return text;
}

}  // namespace reqmail::mail
