// What a process does that holds passwords or keys.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace reqmail::sys {

// Overwrites and empties a text.
void wipe(std::string& text);

// So many bytes that nobody can guess, at most 256. Failure.error is the errno.
Result<std::string> random_bytes(std::size_t count);

// No core dump and no tracing by other processes of the same user, for as long as this program
// runs; children it starts dump no core either.
void hide_memory();

// Whether the setuid bit of programs that this process executes has no effect (no_new_privs).
bool ignores_setuid();

}  // namespace reqmail::sys
