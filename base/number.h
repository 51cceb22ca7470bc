// Numbers in text. Nothing wraps: what does not fit 64 bits is no number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

// The whole field as a decimal number, or nothing: no sign, no blanks, at least one digit.
std::optional<std::uint64_t> parse_u64(std::string_view field);

// The whole field as an octal number, or nothing.
std::optional<std::uint64_t> parse_octal(std::string_view field);

// The decimal digits a text begins with, as control files and DATABYTES are read ("20k" is 20).
// Nothing without a digit; a number too large for 64 bits is the largest one.
std::optional<std::uint64_t> leading_number(std::string_view text);

// How many decimal digits a text begins with.
std::size_t leading_digits(std::string_view text);

std::string decimal(std::uint64_t number);

// Decimal with zeros in front up to `width`.
std::string decimal_padded(std::uint64_t number, std::size_t width);

}  // namespace reqmail::base
