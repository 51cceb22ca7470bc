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
  // sqrt(3) would make libm a part of every process that knows the time. One bit of the root
  // after the other, without a division: `rest` is what the square of the bits so far leaves of
  // n, and `root` is twice these bits, in the place in which the next one is tried.
  std::int64_t rest = n;
  std::int64_t root = 0;
  std::int64_t square = std::int64_t{1} << 62;
  while (square > 0 && square > n) {
    square >>= 2;
  }
  for (; square > 0; square >>= 2) {
    if (rest >= root + square) {
      rest -= root + square;
      root = (root >> 1) + square;
    } else {
      root >>= 1;
    }
  }
  return root;
}

}  // namespace reqmail::base
