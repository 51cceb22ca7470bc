// Dates as header fields and mbox files write them, in UTC unless they say otherwise.
#pragma once

#include <string>

#include "base/time.h"

namespace reqmail::mail {

// "22 Nov 2026 15:23:53 -0000": RFC 5322 date-time without the day of the week, as qmail writes
// it.
std::string date822(base::Time time);

// "22 Nov 2026 17:23:53 +0200": the same for a place that is so far east of Greenwich.
std::string date822(base::Time time, base::Seconds east);

// "22 Nov 2026 15:23:53": the same without the zone, for qmail-qread.
std::string date_and_time(base::Time time);

// "Sun Nov 22 15:23:53 2026": the date of an mbox From_ line.
std::string mbox_date(base::Time time);

}  // namespace reqmail::mail
