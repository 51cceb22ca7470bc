// Opens a file without changing its time of last access.
#pragma once

namespace reqmail::compat {

// Opens a file for reading, close-on-exec. It neither waits nor makes a terminal the
// controlling terminal. The time of last access does not change if the system and the caller's
// permissions allow that. Returns -1 with errno on failure.
int open_quietly(const char* path);

}  // namespace reqmail::compat
