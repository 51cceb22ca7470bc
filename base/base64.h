// Base 64 (RFC 4648 section 4), without any leniency.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

std::string encode_base64(std::string_view bytes);

// Returns nullopt for a text that no encoder produces: with other characters (even blanks and
// line ends), missing or misplaced '=', or unused bits that are not zero. The empty text means
// no bytes.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace reqmail::base
