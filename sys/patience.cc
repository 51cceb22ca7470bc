#include "sys/patience.h"

#include <algorithm>

#include "sys/clock.h"

namespace reqmail::sys {

void Patience::within(std::chrono::milliseconds time) {
  by_rate_ = false;
  end_ = monotonic() + time;
}

void Patience::at_least(const LeastRate& rate) {
  by_rate_ = true;
  rate_ = rate;
  moved_ = 0;
  end_ = monotonic() + rate.slack;
}

// The deadline moves by a second for each second's worth of bytes. It is never later than now
// plus the slack, so that a fast beginning cannot pay for hours of silence.
void Patience::moved(std::size_t bytes) {
  if (!by_rate_) {
    return;
  }
  moved_ += bytes;
  const std::uint64_t seconds = moved_ / rate_.bytes_per_second;
  moved_ %= rate_.bytes_per_second;
  end_ = std::min(end_ + base::Seconds(static_cast<std::int64_t>(seconds)),
                  monotonic() + rate_.slack);
}

bool Patience::is_over() const {
  return monotonic() >= end_;
}

}  // namespace reqmail::sys
