// The directory dmarc/ of qmail's home, whose existence switches on the lines for aggregate
// reports: a file for each day, named YYYYMMDD (UTC).
#pragma once

#include <string_view>

namespace reqmail::smtpd {

// Appends the line to the file of today, with one write, if the directory is there. What cannot
// be written is lost: mail is not refused for it.
void append_dmarc_line(std::string_view line);

}  // namespace reqmail::smtpd
