// qmail-mailauth as a service of its own: it waits at a socket for sessions of qmail-smtpd and
// gives each a child, which is spared the start of a program and of OpenSSL's library.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::judge {

// The most sessions at a time. One that comes then is refused at once, and qmail-smtpd starts a
// qmail-mailauth of its own.
inline constexpr unsigned kResidentSessions = 500;

// Serves sessions at this path until a signal ends the process. Only root and the account of
// this process, which is qmaild if it was started as root, can connect. Returns only if it
// cannot begin or cannot wait any more.
Failure serve_at(const std::string& path);

}  // namespace reqmail::judge
