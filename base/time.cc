#include "base/time.h"

namespace reqmail::base {

CivilTime civil_time(Time time) {
  namespace chrono = std::chrono;
  const auto midnight = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(midnight);
  const chrono::hh_mm_ss clock(time - midnight);
  return CivilTime{
      static_cast<int>(date.year()),
      static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())),
      static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()),
      static_cast<int>(chrono::weekday(midnight).c_encoding()),
  };
}

std::int64_t integer_square_root(std::int64_t n) {
  // sqrt(3) would make libm a part of every process that knows the time. The root of the
  // largest number has 32 bits; this divides, since the square of a large one would overflow.
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 31; bit > 0; bit >>= 1) {
    if (root + bit <= n / (root + bit)) {
      root += bit;
    }
  }
  return root;
}

}  // namespace reqmail::base
