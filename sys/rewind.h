// Reading an input again from its start.
#pragma once

#include "base/result.h"

namespace reqmail::sys {

// Back to the start of an input. A standard input that was missing is no open descriptor
// (EBADF), although the /dev/null in its place (fill_standard_descriptors) could be rewound.
Result<void> rewind_input(int fd);

}  // namespace reqmail::sys
