// From errno to a Failure. The only such map.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::sys {

// Whether the same call may succeed later: qmail's list of temporary errors.
bool is_temporary(int error);

// qmail's name of an errno ("file does not exist", "access denied" ...); "unknown error" where
// it has none.
std::string_view error_text(int error);

// "what: error text", with the permanence of the current errno (or of `error`).
Failure system_failure(std::string_view what);
Failure system_failure(std::string_view what, int error);

}  // namespace reqmail::sys
