// Functions that join, split and clean text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::base {

// Joins all parts with one allocation.
std::string concat(std::initializer_list<std::string_view> parts);

// Returns the parts between separators; an empty text has one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

// Returns the lines of a text without their line feeds. A last line without line feed counts,
// unless it is empty.
std::vector<std::string_view> lines(std::string_view text);

// Returns untrusted bytes in the form that a log line may show: 33..126 except '%' are kept,
// and every other byte becomes '_' (qmail-log(5)).
std::string log_safe(std::string_view text);

// Replaces bytes outside 33..126 by '?'.
std::string printable(std::string_view text);

// Returns whether an untrusted host name may be part of a path: it consists of letters, digits,
// '-', '_' and '.', does not begin with '.', and has at most 255 bytes.
bool is_safe_name(std::string_view name);

}  // namespace reqmail::base
