#include "sys/clock.h"

#include <sys/time.h>

namespace reqmail::sys {

base::Time now() {
  return precise_now().seconds;
}

PreciseTime precise_now() {
  timeval value = {};
  (void)::gettimeofday(&value, nullptr);
  return PreciseTime{base::from_epoch(value.tv_sec), value.tv_usec};
}

}  // namespace reqmail::sys
