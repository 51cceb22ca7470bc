// Reading a file without leaving a trace of it.
#pragma once

namespace reqmail::compat {

// open(2) for reading, close-on-exec, that neither waits nor takes a terminal, and where the
// system and the caller's rights allow it without a new time of access. -1 with errno.
int open_quietly(const char* path);

}  // namespace reqmail::compat
