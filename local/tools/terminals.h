// The terminals on which a user is logged in (utmp(5)) and wants to hear of mail (qbiff(1)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reqmail::local {

// The lines ("tty1", "pts/5") of a user in the content of a utmp file. Names with a dot, with a
// slash in front, and empty ones are left out: they would not be below /dev. No I/O.
std::vector<std::string> terminal_lines(std::string_view utmp, std::string_view user);

// Writes a text on every terminal of the user that this process's user owns and has made
// executable ("biff y"). Whatever goes wrong is left out.
void tell_terminals(std::string_view user, std::string_view text);

}  // namespace reqmail::local
