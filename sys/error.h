// Converts an errno to a Failure. No other code does this.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::sys {

// Returns whether the same call may succeed later, according to qmail's list of temporary
// errors.
bool is_temporary(int error);

// Returns qmail's text for an errno ("file does not exist", "access denied" ...), or "unknown
// error" if it has none.
std::string_view error_text(int error);

// Returns a Failure with the text "what: error text" and the permanence of the current errno
// (or of `error`).
Failure system_failure(std::string_view what);
Failure system_failure(std::string_view what, int error);

}  // namespace reqmail::sys
