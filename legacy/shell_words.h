// Divides shell scripts into words. Nothing is executed: variables are replaced if the script
// itself gives their values, and what only a shell can compute stays as it is written.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::legacy {

// The known values by variable name.
using ShellVariables = std::map<std::string, std::string, std::less<>>;

// A line with the lines that backslashes and open quotes join to it, without here-documents.
struct LogicalLine {
  std::string text;
  // The offset of its beginning in the script, in bytes.
  std::size_t begin = 0;
};

std::vector<LogicalLine> logical_lines(std::string_view text);

// Returns the words of one command line. Quotes and backslashes are removed, and known
// variables are replaced outside of single quotes. Each of ; & | ( ) < > and line feed is a
// word, and '#' at the beginning of a word ends the line. Unknown variables, $(...) and `...`
// stay.
std::vector<std::string> shell_words(std::string_view line,
                                     const ShellVariables& variables = {});

// Returns whether a word is one of ; & | ( ) < > and line feed, which shell_words() returns for
// an unquoted operator.
bool is_shell_operator(const std::string& word);

// Returns whether a text consists of letters, digits and '_', and does not begin with a digit.
bool is_variable_name(std::string_view text);

// Returns whether a word contains something that only a shell can compute.
bool is_computed(std::string_view word);

}  // namespace reqmail::legacy
