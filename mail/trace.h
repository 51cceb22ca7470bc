// The lines that a local delivery adds before a message (mbox(5), qmail-local(8)).
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace reqmail::mail {

// Returns "Return-Path: <sender>\n" with the sender quoted as in RFC 5321; a line feed becomes
// '_'.
std::string return_path_line(std::string_view sender);

// Returns "Delivered-To: recipient\n" with the recipient unchanged, except that line feeds
// become '_'.
std::string delivered_to_line(std::string_view recipient);

// Returns "From sender Sun Nov 22 15:23:53 2026\n". Blanks, tabs and line feeds in the sender
// become '-', and the null sender is MAILER-DAEMON.
std::string from_line(std::string_view sender, base::Time now);

}  // namespace reqmail::mail
