// The clocks. Only cmd/, run/ and sys/ read them; everything else gets a Time.
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

}  // namespace reqmail::sys
