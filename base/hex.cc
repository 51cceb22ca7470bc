#include "base/hex.h"

#include "base/ascii.h"

namespace reqmail::base {

namespace {

constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";

}  // namespace

std::string hex(std::string_view bytes, HexLetters letters) {
  const std::string_view digits = letters == HexLetters::upper ? kUpper : kLower;
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 15U]);
  }
  return text;
}

std::optional<char> hex_byte(std::string_view text, std::size_t at, HexLetters letters) {
  if (at > text.size() || text.size() - at < 2) {
    return std::nullopt;
  }
  const std::string_view digits = letters == HexLetters::upper ? kUpper : kLower;
  const auto value = [&](char c) {
    return digits.find(letters == HexLetters::any ? to_lower(c) : c);
  };
  const std::size_t high = value(text[at]);
  const std::size_t low = value(text[at + 1]);
  if (high == std::string_view::npos || low == std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<char>(high << 4U | low);
}

}  // namespace reqmail::base
