#include "auth/shadow.h"

#include "base/text.h"

namespace reqmail::auth {

namespace {

constexpr std::int64_t kDay = 86400;

}  // namespace

bool is_expired(const ShadowDates& dates, base::Time now) {
  const std::int64_t today = base::to_epoch(now) / kDay;
  if (dates.expires >= 0 && today >= dates.expires) {
    return true;
  }
  if (dates.changed == 0) {
    return true;
  }
  // Whether the password may still be changed after that does not matter here.
  return dates.changed > 0 && dates.longest >= 0 && today - dates.changed > dates.longest;
}

CostSample sample_shadow(std::string_view text) {
  CostSample sample;
  for (const std::string_view line : base::lines(text)) {
    const auto fields = base::split(line, ':');
    if (fields.size() > 1) {
      sample.add(fields[1]);
    }
  }
  return sample;
}

}  // namespace reqmail::auth
