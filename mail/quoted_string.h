// Quoted strings of header fields that we write (RFC 5322 section 3.2.4).
#pragma once

#include <string>
#include <string_view>

namespace reqmail::mail {

// Returns the text as a quoted string, with its quotes; '"' and '\' get a backslash, and bytes
// outside 32..126 become '?'.
std::string quoted_string(std::string_view text);

}  // namespace reqmail::mail
