// The clocks. No pure folder reads them; it gets a Time.
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

// A clock that nobody sets: for time limits.
std::chrono::milliseconds monotonic();

// Does nothing for so long.
void pause_for(std::chrono::milliseconds time);

// How far east of Greenwich the local clock ($TZ, /etc/localtime) is at a time; opens files.
base::Seconds local_offset(base::Time time);

}  // namespace reqmail::sys
