#include "mail/unicode_xtext.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/hex.h"
#include "base/text.h"

namespace reqmail::mail {

namespace {

bool is_raw(unsigned char first) {
  return first >= 0x80;
}

bool has_meaning_in_xtext(unsigned char first) {
  return first <= ' ' || first >= 0x7f || first == '+' || first == '=' || first == '\\';
}

// The number of bytes of a character, by its first one (RFC 3629 section 3).
std::size_t length_from(unsigned char first) {
  if (first < 0x80) {
    return 1;
  }
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

std::uint32_t code_point(std::string_view character) {
  constexpr unsigned char kLead[] = {0x7f, 0x1f, 0x0f, 0x07};
  constexpr unsigned char kContinued = 0x3f;
  constexpr unsigned kContinuedBits = 6;
  std::uint32_t point =
      static_cast<unsigned char>(character.front()) & kLead[character.size() - 1];
  for (const char c : character.substr(1)) {
    point = point << kContinuedBits | (static_cast<unsigned char>(c) & kContinued);
  }
  return point;
}

// In hexadecimal digits, at least two.
std::string embedded(std::uint32_t point) {
  const char bytes[] = {static_cast<char>(point >> 16), static_cast<char>(point >> 8),
                        static_cast<char>(point)};
  const std::string digits = base::hex({bytes, sizeof bytes}, base::HexLetters::upper);
  const std::size_t first = digits.find_first_not_of('0');
  constexpr std::size_t kDigitsMin = 2;
  return base::concat(
      {"\\x{", std::string_view(digits).substr(std::min(first, digits.size() - kDigitsMin)),
       "}"});
}

std::string with_embedded(std::string_view text, bool (*unwanted)(unsigned char)) {
  std::string out;
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::string_view character = text.substr(0, length_from(first));
    out += unwanted(first) ? embedded(code_point(character)) : std::string(character);
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::string unicode_xtext(std::string_view address) {
  return with_embedded(address, has_meaning_in_xtext);
}

std::string without_raw_unicode(std::string_view text) {
  return with_embedded(text, is_raw);
}

}  // namespace reqmail::mail
