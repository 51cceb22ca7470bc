#include "base/time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <limits>

namespace reqmail::base {
namespace {

TEST(Time, CivilDates) {
  const CivilTime epoch = civil_time(from_epoch(0));
  EXPECT_EQ(epoch.year, 1970);
  EXPECT_EQ(epoch.weekday, 4);
  const CivilTime before = civil_time(from_epoch(-1));
  EXPECT_EQ(before.year, 1969);
  EXPECT_EQ(before.month, 12);
  EXPECT_EQ(before.second, 59);
}

// Compares with the C library over leap years, centuries and the end of 32-bit times.
TEST(Time, AgreesWithTheLibrary) {
  for (std::int64_t when = -2208988800; when < 7258118400; when += 86400 * 13 + 12345) {
    const CivilTime ours = civil_time(from_epoch(when));
    const auto seconds = static_cast<std::time_t>(when);
    std::tm theirs = {};
    ASSERT_NE(::gmtime_r(&seconds, &theirs), nullptr);
    ASSERT_EQ(ours.year, theirs.tm_year + 1900) << when;
    ASSERT_EQ(ours.month, theirs.tm_mon + 1) << when;
    ASSERT_EQ(ours.day, theirs.tm_mday) << when;
    ASSERT_EQ(ours.hour, theirs.tm_hour) << when;
    ASSERT_EQ(ours.minute, theirs.tm_min) << when;
    ASSERT_EQ(ours.second, theirs.tm_sec) << when;
    ASSERT_EQ(ours.weekday, theirs.tm_wday) << when;
  }
}

TEST(Time, SquareRoots) {
  for (std::int64_t n = -3; n < 5000; ++n) {
    const auto exact =
        n <= 0 ? 0 : static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
    EXPECT_EQ(integer_square_root(n), exact) << n;
  }
  constexpr std::int64_t kRoot = 3037000499;  // the largest number whose square fits
  EXPECT_EQ(integer_square_root(kRoot * kRoot), kRoot);
  EXPECT_EQ(integer_square_root(kRoot * kRoot - 1), kRoot - 1);
  EXPECT_EQ(integer_square_root(std::numeric_limits<std::int64_t>::max()), kRoot);
  EXPECT_EQ(integer_square_root(604800), 777);
}

}  // namespace
}  // namespace reqmail::base
