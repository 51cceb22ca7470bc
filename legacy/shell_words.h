// The words of shell scripts. Nothing is run: variables whose values the script itself gives
// are put in, and what only a shell can compute stays as it is written.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::legacy {

// Values that are known, by name.
using ShellVariables = std::map<std::string, std::string, std::less<>>;

// A line with those that backslashes and open quotes join to it; without here-documents.
struct LogicalLine {
  std::string text;
  // Where it begins in the script, in bytes.
  std::size_t begin = 0;
};

std::vector<LogicalLine> logical_lines(std::string_view text);

// The words of one command line: quotes and backslashes gone, known variables replaced (outside
// single quotes); ; & | ( ) < > and line feeds are words of their own, '#' at the beginning of
// a word ends the line. Unknown variables, $(...) and `...` stay.
std::vector<std::string> shell_words(std::string_view line,
                                     const ShellVariables& variables = {});

// ; & | ( ) < > or a line feed: what shell_words() makes of one that is not quoted.
bool is_shell_operator(const std::string& word);

// Letters, digits and '_', no digit first.
bool is_variable_name(std::string_view text);

// Whether something that only a shell can compute is left in a word.
bool is_computed(std::string_view word);

}  // namespace reqmail::legacy
