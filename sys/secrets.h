// What processes that hold passwords or keys need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// Returns bytes that nobody can guess, at most 256. Failure.error is the errno.
Result<std::string> random_bytes(std::size_t count);

// Returns a file in memory that has this text and no name, by which a secret is passed to the
// program that this process will execute. It is close-on-exec.
Result<Fd> make_secret_file(std::string_view text);

// Returns the text of such a file, at most `limit` bytes (more is a permanent Failure with
// EMSGSIZE), and overwrites the file.
Result<std::string> take_secret_file(Fd file, std::size_t limit);

// Overwrites the whole memory of a string and makes it empty.
void wipe(std::string& text);

// Prevents core dumps, and tracing by other processes of the same user, until this program ends
// or executes another; children dump no core either.
void hide_memory();

// Prevents the same tracing, and core dumps of this process; the limit that children inherit
// stays.
void forbid_tracing();

// Returns whether the setuid bit of programs that this process executes has no effect
// (no_new_privs).
bool ignores_setuid();

}  // namespace reqmail::sys
