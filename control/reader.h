// How the bytes of a control file become values (qmail-control(5)). Programs use
// control/files.h; these functions are also for other files of the same form.
//
// The value of a file that does not exist is nullopt, which is not an error. Any other error is
// a Failure, whose `error` is the errno; its text has no meaning, since each program has a
// message of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::control {

// The largest control file that is read, in bytes.
inline constexpr std::size_t kControlFileLimit = std::size_t{64} << 20;

// Returns all bytes of the file.
Result<std::optional<std::string>> read_text(const std::string& path);

// Returns the first line without the blanks and tabs at its end; empty if the file is empty.
Result<std::optional<std::string>> read_line(const std::string& path);

// Returns the number at the beginning of the first line; nullopt if it begins with no digit.
Result<std::optional<std::uint64_t>> read_number(const std::string& path);

// Returns the lines without the blanks and tabs at their ends; comments (#) and empty lines are
// left out. A NUL within a line separates entries, as in qmail.
Result<std::optional<std::vector<std::string>>> read_lines(const std::string& path);

// Returns the same, but a NUL is an ordinary byte of its line.
Result<std::optional<std::vector<std::string>>> read_whole_lines(const std::string& path);

}  // namespace reqmail::control
