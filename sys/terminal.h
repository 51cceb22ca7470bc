// Asks the person at a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

bool is_terminal(int fd);

// Writes `prompt` to descriptor 2 and reads a line of at most `limit` bytes from the terminal
// `fd`, without echo. A signal that would end the process does so after the terminal has been
// restored.
Result<std::string> ask_hidden(int fd, const std::string& prompt, std::size_t limit);

// Opens another user's terminal for writing. It neither waits for a modem nor makes it the
// controlling terminal.
Result<Fd> open_terminal_line(const std::string& path);

}  // namespace reqmail::sys
