// Single system calls on descriptors: tried again on EINTR, with errno turned into a Failure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace reqmail::sys {

// Waits until the descriptor can be read or written; ETIMEDOUT when that took too long.
Result<void> wait_readable(int fd, std::chrono::milliseconds limit);
Result<void> wait_writable(int fd, std::chrono::milliseconds limit);

// The same for the events of poll(2).
Result<void> wait_ready(int fd, short events, std::chrono::milliseconds limit);

// Reads and forgets what has already come, without waiting for more.
void drain(int fd);

// Writes all of it, however many write(2)s that takes. Failure.error is the errno.
Result<void> write_all(int fd, std::string_view bytes);

// One write(2): the bytes written; EAGAIN if a non-blocking descriptor has no room.
Result<std::size_t> write_some(int fd, std::string_view bytes);

// Writes what a descriptor that poll(2) calls writable takes without blocking, which is not all
// that a caller has: a peer that reads nothing must not hold one that counts the time. The
// bytes written; EAGAIN as above.
Result<std::size_t> write_ready(int fd, std::string_view bytes);

// One read(2): the bytes read, 0 at end of file.
Result<std::size_t> read_some(int fd, char* buffer, std::size_t size);

}  // namespace reqmail::sys
