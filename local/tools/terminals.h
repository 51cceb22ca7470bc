// The terminals on which a user is logged in (utmp(5)) and has asked for notices of mail
// (qbiff(1)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reqmail::local {

// Returns the lines ("tty1", "pts/5") of a user in the contents of a utmp file. Lines with a
// dot, with a slash at the beginning, and empty ones are omitted, since they would not be below
// /dev. It does no input or output.
std::vector<std::string> terminal_lines(std::string_view utmp, std::string_view user);

// Writes a text to every terminal of the user that belongs to this process's user and is
// executable ("biff y"). Errors are ignored.
void tell_terminals(std::string_view user, std::string_view text);

}  // namespace reqmail::local
