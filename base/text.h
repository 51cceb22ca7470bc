// Joining, cutting and cleaning of text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::base {

// All parts in one string with one allocation.
std::string concat(std::initializer_list<std::string_view> parts);

// The pieces between separators; an empty text has one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

// The lines of a text without their line feeds; a last line without one counts, an empty rest
// does not.
std::vector<std::string_view> lines(std::string_view text);

// What a log line may show of bytes from outside: 33..126 but '%' as they are,
// every other byte as '_' (qmail-log(5)).
std::string log_safe(std::string_view text);

// Bytes outside 33..126 as '?'.
std::string printable(std::string_view text);

// Whether a host name from outside may become part of a path: letters, digits, '-', '_' and
// '.', the last not at its beginning; at most 255 bytes.
bool is_safe_name(std::string_view name);

}  // namespace reqmail::base
