// Asking a person.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

bool is_terminal(int fd);

// Writes `prompt` to descriptor 2 and reads a line from the terminal `fd` that it does not show;
// at most `limit` bytes. Signals that would end the process do so after the terminal is as it
// was.
Result<std::string> ask_hidden(int fd, const std::string& prompt, std::size_t limit);

// Opens another user's terminal to write to. It neither waits for a modem nor becomes the
// controlling terminal.
Result<Fd> open_terminal_line(const std::string& path);

}  // namespace reqmail::sys
