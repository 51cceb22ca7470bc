#include "base/base64.h"

#include <cstddef>
#include <cstdint>

namespace reqmail::base {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kGroup = 4;  // number of digits that encode three bytes
constexpr unsigned kBits = 6;      // number of bits in a digit
constexpr std::uint32_t kMask = 63;

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * kGroup);
  while (!bytes.empty()) {
    const std::string_view three = bytes.substr(0, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < three.size() ? static_cast<std::uint8_t>(three[i]) : 0U);
    }
    for (std::size_t i = 0; i < kGroup; ++i) {
      const std::uint32_t digit = bits >> (kBits * (kGroup - 1 - i)) & kMask;
      text.push_back(i <= three.size() ? kDigits[digit] : '=');
    }
    bytes.remove_prefix(three.size());
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % kGroup != 0) {
    return std::nullopt;
  }
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  std::string bytes;
  bytes.reserve(text.size() / kGroup * 3 + 3);
  std::uint32_t bits = 0;
  unsigned count = 0;  // number of bits that are not yet part of a byte
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    bits = bits << kBits | static_cast<std::uint32_t>(digit);
    count += kBits;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 255));
      bits &= (1U << count) - 1;
    }
  }
  if (bits != 0 || count == kBits) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace reqmail::base
