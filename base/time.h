// Wall-clock time in whole seconds, and its civil date. sys/clock.h reads the clock. The date
// is computed here because localtime and gmtime open files, which qmail-queue must not do.
#pragma once

#include <chrono>
#include <cstdint>

namespace reqmail::base {

using Seconds = std::chrono::seconds;
using Time = std::chrono::sys_seconds;

constexpr Time from_epoch(std::int64_t seconds) {
  return Time(Seconds(seconds));
}

constexpr std::int64_t to_epoch(Time time) {
  return time.time_since_epoch().count();
}

// A date and time of day in UTC: month 1..12, day 1..31, weekday 0 (Sunday)..6.
struct CivilTime {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;
};

CivilTime civil_time(Time time);

// Returns the largest r with r * r <= n; 0 for a negative n.
std::int64_t integer_square_root(std::int64_t n);

}  // namespace reqmail::base
