// Parses and prints numbers. There is no overflow: a number that does not fit into 64 bits is
// not accepted, unless noted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

// Parses a complete field as a decimal number of at least one digit, without sign and blanks.
std::optional<std::uint64_t> parse_u64(std::string_view field);

// Parses a complete field as an octal number.
std::optional<std::uint64_t> parse_octal(std::string_view field);

// Returns the number made of the decimal digits at the beginning of a text, as control files
// and DATABYTES are read ("20k" is 20); nullopt without a digit. A number that does not fit
// into 64 bits becomes the largest one.
std::optional<std::uint64_t> leading_number(std::string_view text);

// Returns how many decimal digits a text begins with.
std::size_t leading_digits(std::string_view text);

std::string decimal(std::uint64_t number);

// Returns a decimal number with leading zeros up to `width` digits.
std::string decimal_padded(std::uint64_t number, std::size_t width);

}  // namespace reqmail::base
