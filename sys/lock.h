// flock(2), the primitive qmail uses, so that old and new programs exclude each other.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace reqmail::sys {

// Waits for an exclusive lock, which lasts until the descriptor is closed.
Result<void> lock_exclusive(int fd);

// An exclusive lock without waiting; a Failure with EWOULDBLOCK when somebody else has it.
Result<void> try_lock_exclusive(int fd);

// fcntl(2) record locks, each of one byte, whether the file has it or not. They belong to the
// process: they last until it ends or closes any descriptor of the file, and when it becomes
// another program. The descriptor must be open for writing.

// Waits for the lock.
Result<void> lock_byte(int fd, off_t at);

// Without waiting; a Failure with EAGAIN or EACCES when another process has it.
Result<void> try_lock_byte(int fd, off_t at);

void unlock_byte(int fd, off_t at);

// Whether another process has the lock.
bool is_byte_locked(int fd, off_t at);

}  // namespace reqmail::sys
