#include "sys/clock.h"

#include <sys/time.h>
#include <time.h>

#include <cerrno>

#include "base/narrow.h"

namespace reqmail::sys {

base::Time now() {
  return precise_now().seconds;
}

PreciseTime precise_now() {
  timeval value = {};
  (void)::gettimeofday(&value, nullptr);
  return PreciseTime{base::from_epoch(value.tv_sec), value.tv_usec};
}

std::chrono::milliseconds monotonic() {
  timespec value = {};
  (void)::clock_gettime(CLOCK_MONOTONIC, &value);
  return std::chrono::milliseconds(std::int64_t{value.tv_sec} * 1000 + value.tv_nsec / 1000000);
}

void pause_for(std::chrono::milliseconds time) {
  timespec left = {};
  left.tv_sec = time.count() / 1000;
  left.tv_nsec = base::narrow<long>(time.count() % 1000 * 1000000);
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

base::Seconds local_offset(base::Time time) {
  const time_t seconds = base::to_epoch(time);
  tm local = {};
  ::tzset();
  if (::localtime_r(&seconds, &local) == nullptr) {
    return base::Seconds(0);
  }
  return base::Seconds(local.tm_gmtoff);
}

}  // namespace reqmail::sys
