#include "mail/date822.h"

#include <string_view>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::mail {

namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string two_digits(int number) {
  return base::decimal_padded(static_cast<std::uint64_t>(number), 2);
}

std::string clock_time(const base::CivilTime& civil) {
  return base::concat(
      {two_digits(civil.hour), ":", two_digits(civil.minute), ":", two_digits(civil.second)});
}

std::string_view month_name(const base::CivilTime& civil) {
  return kMonths[static_cast<std::size_t>(civil.month - 1)];
}

}  // namespace

std::string date_and_time(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  return base::concat({std::to_string(civil.day), " ", month_name(civil), " ",
                       std::to_string(civil.year), " ", clock_time(civil)});
}

std::string date822(base::Time time) {
  return date_and_time(time) + " -0000";
}

std::string date822(base::Time time, base::Seconds east) {
  const std::int64_t minutes = (east.count() < 0 ? -east : east).count() / 60;
  return base::concat({date_and_time(time + east), east.count() < 0 ? " -" : " +",
                       two_digits(static_cast<int>(minutes / 60)),
                       two_digits(static_cast<int>(minutes % 60))});
}

std::string mbox_date(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  return base::concat({kWeekdays[static_cast<std::size_t>(civil.weekday)], " ",
                       month_name(civil), " ", two_digits(civil.day), " ", clock_time(civil),
                       " ", std::to_string(civil.year)});
}

}  // namespace reqmail::mail
