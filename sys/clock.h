// The clocks of the system. Pure folders do not read them but get a Time.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace reqmail::sys {

base::Time now();

struct PreciseTime {
  base::Time seconds;
  std::int64_t microseconds;
};

PreciseTime precise_now();

// Returns the time of a monotonic clock, which nobody sets: for time limits.
std::chrono::milliseconds monotonic();

// Sleeps for this long.
void pause_for(std::chrono::milliseconds time);

// Returns the offset of local time ($TZ, /etc/localtime) from UTC at a time, positive east of
// Greenwich; it opens files.
base::Seconds local_offset(base::Time time);

}  // namespace reqmail::sys
