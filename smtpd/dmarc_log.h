// The directory dmarc/ in qmail's home. If it exists, lines for aggregate reports are written
// there: a file for each day, named YYYYMMDD (UTC).
#pragma once

#include <string_view>

namespace reqmail::smtpd {

// Appends the line to today's file with one write, if the directory exists. A line that cannot
// be written is lost, since mail is not refused because of it.
void append_dmarc_line(std::string_view line);

}  // namespace reqmail::smtpd
