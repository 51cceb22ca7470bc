// flock(2), the primitive qmail uses, so that old and new programs exclude each other.
#pragma once

#include "base/result.h"

namespace reqmail::sys {

// Waits for an exclusive lock, which lasts until the descriptor is closed.
Result<void> lock_exclusive(int fd);

// An exclusive lock without waiting; a Failure with EWOULDBLOCK when somebody else has it.
Result<void> try_lock_exclusive(int fd);

}  // namespace reqmail::sys
