// The work of qmail-dmarcreport: the reports of one day, from the lines that qmail-smtpd has
// left in dmarc/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::reports {

// Compressed reports that are larger are not mailed.
inline constexpr std::size_t kMailedMax = std::size_t{10} << 20;

struct DailySettings {
  std::string organization;  // me
  std::string contact;       // dmarcreportfrom
  base::Seconds look_up_time{20};
  // Reports are written there instead of being mailed.
  std::optional<std::string> directory;
};

// Returns the beginning of a day YYYYMMDD in UTC; nullopt if there is no such day.
std::optional<base::Time> parse_day(std::string_view text);

// Makes the reports of a day; the current directory is qmail's home. Without lines there is
// nothing to do. Returns what could not be done: another run does it.
std::vector<Failure> report_day(base::Time day, const DailySettings& settings);

}  // namespace reqmail::reports
