// Bytes from outside as a terminal may get them.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::base {

// Bytes outside 32..126 as `substitute`, so that no escape sequence is left.
std::string terminal_safe(std::string_view text, char substitute);

}  // namespace reqmail::base
