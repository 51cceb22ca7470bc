// Dates in the forms of header fields and mbox files, in UTC unless noted.
#pragma once

#include <string>

#include "base/time.h"

namespace reqmail::mail {

// Returns an RFC 5322 date-time without the day of the week, as qmail writes it: "22 Nov 2026
// 15:23:53 -0000".
std::string date822(base::Time time);

// Returns the same in a time zone that is this far east of Greenwich: "22 Nov 2026 17:23:53
// +0200".
std::string date822(base::Time time, base::Seconds east);

// Returns the same without the zone, for qmail-qread: "22 Nov 2026 15:23:53".
std::string date_and_time(base::Time time);

// Returns the date of an mbox From_ line: "Sun Nov 22 15:23:53 2026".
std::string mbox_date(base::Time time);

}  // namespace reqmail::mail
