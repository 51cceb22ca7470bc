// Looks for a text in a file without reading the whole file into memory.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::sys {

// Returns whether the regular file contains the text, which must not be empty. Takes little
// memory however large the file is. A Failure is that of open(2) or read(2).
Result<bool> regular_file_contains(const std::string& path, std::string_view text);

}  // namespace reqmail::sys
