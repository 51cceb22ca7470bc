#include "base/number.h"

#include <charconv>
#include <limits>

#include "base/ascii.h"

namespace reqmail::base {

namespace {

std::optional<std::uint64_t> parse_whole(std::string_view field, int radix) {
  std::uint64_t number = 0;
  const char* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, number, radix);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<std::uint64_t> parse_u64(std::string_view field) {
  return parse_whole(field, 10);
}

std::optional<std::uint64_t> parse_octal(std::string_view field) {
  return parse_whole(field, 8);
}

std::size_t leading_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) {
    ++count;
  }
  return count;
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
  const std::string_view digits = text.substr(0, leading_digits(text));
  if (digits.empty()) {
    return std::nullopt;
  }
  const auto number = parse_u64(digits);
  return number ? *number : std::numeric_limits<std::uint64_t>::max();
}

std::string decimal(std::uint64_t number) {
  return std::to_string(number);
}

std::string decimal_padded(std::uint64_t number, std::size_t width) {
  std::string digits = decimal(number);
  if (digits.size() < width) {
    digits.insert(0, width - digits.size(), '0');
  }
  return digits;
}

}  // namespace reqmail::base
