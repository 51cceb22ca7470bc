#include "base/json.h"

#include <utility>

#include "base/number.h"

namespace reqmail::base {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr unsigned kFirstPrintable = 0x20;
constexpr unsigned kDelete = 0x7f;

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Returns the length of the UTF-8 character (RFC 3629) that begins at `at`; 0 if none does.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    low = first == 0xe0 ? 0xa0 : low;
    high = first == 0xed ? 0x9f : high;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    low = first == 0xf0 ? 0x90 : low;
    high = first == 0xf4 ? 0x8f : high;
  }
  if (length == 0 || text.size() - at < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte_at(text, at + i);
    if (next < low || next > high) {
      return 0;
    }
    low = 0x80;
    high = 0xbf;
  }
  return length;
}

void append_escaped(std::string& out, unsigned code) {
  out += "\\u00";
  out += kHex[code >> 4];
  out += kHex[code & 0xf];
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const unsigned code = byte_at(text, at);
    std::size_t length = 1;
    if (code == '"' || code == '\\') {
      out += '\\';
      out += text[at];
    } else if (code < kFirstPrintable || code == kDelete) {
      append_escaped(out, code);
    } else if (code < kDelete) {
      out += text[at];
    } else if (const std::size_t known = utf8_length(text, at); known > 0) {
      out += text.substr(at, known);
      length = known;
    } else {
      out += kReplacement;
    }
    at += length;
  }
  return out + "\"";
}

void JsonWriter::new_line() {
  out_ += '\n';
  out_.append(counts_.size() * 2, ' ');
}

void JsonWriter::begin_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!counts_.empty()) {
    if (counts_.back()++ > 0) {
      out_ += ',';
    }
    new_line();
  }
}

JsonWriter& JsonWriter::open(char bracket) {
  begin_value();
  out_ += bracket;
  counts_.push_back(0);
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  const bool filled = counts_.back() > 0;
  counts_.pop_back();
  if (filled) {
    new_line();
  }
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  begin_value();
  out_ += json_string(name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view value) {
  begin_value();
  out_ += value;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  return raw(json_string(value));
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
  return raw(base::decimal(value));
}

JsonWriter& JsonWriter::boolean(bool value) {
  return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

std::string JsonWriter::take() {
  out_ += '\n';
  return std::exchange(out_, {});
}

}  // namespace reqmail::base
