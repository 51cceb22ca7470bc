// How the bytes of a control file become values (qmail-control(5)). Programs ask
// control/files.h; what is here is also for other files of the same form.
//
// A file that does not exist is no error: its value is absent. Any other error is a Failure,
// whose `error` is the errno and whose text is free, since each program has its own words for
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::control {

// No sane control file is larger.
inline constexpr std::size_t kControlFileLimit = std::size_t{64} << 20;

// The first line, without the blanks and tabs at its end; empty if the file is empty.
Result<std::optional<std::string>> read_line(const std::string& path);

// The number that the first line begins with; absent if it begins with no digit.
Result<std::optional<std::uint64_t>> read_number(const std::string& path);

// The lines without blanks and tabs at their ends, comments (#) and empty lines left out. A NUL
// within a line separates entries, as it always has.
Result<std::optional<std::vector<std::string>>> read_lines(const std::string& path);

// The same, but a NUL is a byte of its line like any other.
Result<std::optional<std::vector<std::string>>> read_whole_lines(const std::string& path);

}  // namespace reqmail::control
