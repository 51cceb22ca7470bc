// Single system calls on descriptors. They are repeated on EINTR, and errno becomes a Failure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace reqmail::sys {

// Waits until the descriptor can be read or written; Failure.error is ETIMEDOUT after `limit`.
Result<void> wait_readable(int fd, std::chrono::milliseconds limit);
Result<void> wait_writable(int fd, std::chrono::milliseconds limit);

// The same for any events of poll(2).
Result<void> wait_ready(int fd, short events, std::chrono::milliseconds limit);

// Reads and discards what has already arrived, without waiting for more.
void drain(int fd);

// Writes all bytes with as many calls of write(2) as needed. Failure.error is the errno.
Result<void> write_all(int fd, std::string_view bytes);

// Calls write(2) once and returns the number of bytes written. Failure.error is EAGAIN if a
// non-blocking descriptor has no room.
Result<std::size_t> write_some(int fd, std::string_view bytes);

// Sends as many bytes as a socket takes without waiting. Failure.error is EAGAIN if it takes
// none, and ENOTSOCK if the descriptor is no socket.
Result<std::size_t> send_some(int fd, std::string_view bytes);

// Writes as many bytes as a descriptor that poll(2) reports as writable takes without blocking,
// which may be fewer than all: a peer that reads nothing must not block a caller with a time
// limit. Returns the number of bytes written, and fails like write_some().
Result<std::size_t> write_ready(int fd, std::string_view bytes);

// Calls read(2) once and returns the number of bytes read, 0 at end of file.
Result<std::size_t> read_some(int fd, char* buffer, std::size_t size);

// The same for a socket, in which the bytes stay. Failure.error is ENOTSOCK for anything else.
Result<std::size_t> peek_some(int socket, char* buffer, std::size_t size);

// The same without waiting: Failure.error is EAGAIN if nothing has arrived that read(2) would
// return.
Result<std::size_t> peek_arrived(int socket, char* buffer, std::size_t size);

}  // namespace reqmail::sys
