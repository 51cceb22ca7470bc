// Base 64 (RFC 4648 section 4), strictly.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

std::string encode_base64(std::string_view bytes);

// Nothing for what no encoder makes: other characters (blanks and line ends too), missing or
// misplaced '=', bits that are left over and not zero. The empty text stands for no bytes.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace reqmail::base
