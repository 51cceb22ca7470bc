// What a program that people call by hand says about its arguments. A text ends with a line
// feed.
#pragma once

#include <string_view>

namespace reqmail::sys {

// If --help is the only argument, writes the text to standard output and ends the program: with
// success if the text could be written.
void answer_help(int argc, const char* const* argv, std::string_view usage);

// Writes the text to standard error and ends the program as one that was misused.
[[noreturn]] void refuse_arguments(std::string_view usage);

}  // namespace reqmail::sys
