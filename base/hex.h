// Hexadecimal digits, two for each byte.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

enum class HexLetters { lower, upper, any };

// Returns the digits of all bytes; the letters are upper case only if that is asked for.
std::string hex(std::string_view bytes, HexLetters letters = HexLetters::lower);

// Returns the byte whose two digits begin at `at`; nullopt if the text ends before or has
// anything else there.
std::optional<char> hex_byte(std::string_view text, std::size_t at,
                             HexLetters letters = HexLetters::any);

}  // namespace reqmail::base
