// Locks with flock(2), as in qmail, so that old and new programs exclude each other.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace reqmail::sys {

// Waits for an exclusive lock, which lasts until the descriptor is closed.
Result<void> lock_exclusive(int fd);

// Takes an exclusive lock without waiting; Failure.error is EWOULDBLOCK if somebody else has
// it.
Result<void> try_lock_exclusive(int fd);

// Record locks of fcntl(2), each on one byte, which may be beyond the end of the file. They
// belong to the process: they last until it ends or closes any descriptor of the file, and they
// survive an exec if the descriptor stays open. The descriptor must be open for writing.

// Waits for the lock.
Result<void> lock_byte(int fd, off_t at);

// Takes the lock without waiting; Failure.error is EAGAIN or EACCES if another process has it.
Result<void> try_lock_byte(int fd, off_t at);

void unlock_byte(int fd, off_t at);

// Returns whether another process has the lock.
bool is_byte_locked(int fd, off_t at);

}  // namespace reqmail::sys
