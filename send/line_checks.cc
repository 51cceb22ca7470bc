#include "send/line_checks.h"

#include "scheduler/bounce_text.h"
#include "scheduler/domain_rules.h"
#include "scheduler/retry_schedule.h"

namespace reqmail::send {

namespace {

using Lines = std::vector<std::string>;

}  // namespace

std::vector<base::BadLine> bad_bounce_styles(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    if (!line.empty() && !scheduler::bounce_style(line)) {
      bad.push_back({line, "neither headers nor dsn"});
    }
  }
  return bad;
}

std::vector<control::LineCheck> line_checks() {
  return {
      {"bouncestyle", bad_bounce_styles},
      {"concurrencyremotedomains",
       [](const Lines& lines) { return scheduler::DomainRules().set_concurrency(lines); }},
      {"ratelimitremote",
       [](const Lines& lines) { return scheduler::DomainRules().set_rates(lines); }},
      {"retryschedule",
       [](const Lines& lines) { return scheduler::RetrySchedule().set(lines); }},
  };
}

}  // namespace reqmail::send
