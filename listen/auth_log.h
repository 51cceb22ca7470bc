// Lines about logins on standard error, for the tools that lock out who guesses passwords.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::listen {

// A user name for logs and TCPREMOTEINFO: printable ASCII without blanks and angle brackets,
// every other byte as '_'.
std::string shown_user(std::string_view user);

// "PROGRAM[PID]: auth: EVENT type=TYPE user=<USER>", followed by " ip=IP" unless `ip` is
// empty.
void log_login(std::string_view program, std::string_view event, std::string_view type,
               std::string_view user, std::string_view ip = {});

}  // namespace reqmail::listen
