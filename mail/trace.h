// The lines that a local delivery puts in front of a message (mbox(5), qmail-local(8)).
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace reqmail::mail {

// "Return-Path: <sender>\n", the sender quoted as RFC 5321 wants it; a line feed in it becomes
// '_'.
std::string return_path_line(std::string_view sender);

// "Delivered-To: recipient\n", exactly as it came but for line feeds, which become '_'.
std::string delivered_to_line(std::string_view recipient);

// "From sender Sun Nov 22 15:23:53 2026\n": blanks, tabs and line feeds of the sender become
// '-', the null sender is MAILER-DAEMON.
std::string from_line(std::string_view sender, base::Time now);

}  // namespace reqmail::mail
