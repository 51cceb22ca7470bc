// What a process does that holds passwords or keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// So many bytes that nobody can guess, at most 256. Failure.error is the errno.
Result<std::string> random_bytes(std::size_t count);

// A file in memory that has no name and this text in it: to hand a secret to the program that
// this process becomes. Close-on-exec.
Result<Fd> make_secret_file(std::string_view text);

// The text of such a file, at most `limit` bytes (more is a permanent Failure, EMSGSIZE). The
// file is overwritten.
Result<std::string> take_secret_file(Fd file, std::size_t limit);

// Overwrites all the memory of a string, which is empty afterwards.
void wipe(std::string& text);

// No core dump and no tracing by other processes of the same user, for as long as this program
// runs; children it starts dump no core either.
void hide_memory();

// Whether the setuid bit of programs that this process executes has no effect (no_new_privs).
bool ignores_setuid();

}  // namespace reqmail::sys
