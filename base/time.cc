#include "base/time.h"

#include <cmath>

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
  if (n <= 0) {
    return 0;
  }
  auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
  // This divides, since the square of a large `root` would overflow.
  while (root > n / root) {
    --root;
  }
  while (root + 1 <= n / (root + 1)) {
    ++root;
  }
  return root;
}

}  // namespace reqmail::base
