// Rewinds an input.
#pragma once

#include "base/result.h"

namespace reqmail::sys {

// Sets the offset of an input to its start. It is EBADF if the standard input was missing,
// although the /dev/null in its place (fill_standard_descriptors()) could be rewound.
Result<void> rewind_input(int fd);

}  // namespace reqmail::sys
