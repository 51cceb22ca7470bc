#include "spawn/local_limits.h"

#include <algorithm>
#include <cstdint>

#include "control/derived.h"
#include "control/files.h"

namespace reqmail::spawn {

namespace {

// The longest limit in seconds, longer than any uptime.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 32;

}  // namespace

LocalLimits read_local_limits() {
  control::ControlFiles files(control::ControlFiles::Unreadable::is_absent);
  LocalLimits limits;
  limits.places = control::spawn_places(files.number("concurrencylocal"));
  const auto chosen = files.number_if_any("concurrencylocaluser");
  limits.per_user = chosen.value_or(control::default_local_user_limit(limits.places));
  limits.per_user_chosen = chosen.has_value();
  limits.time = std::chrono::seconds(std::min(files.number("timeoutlocal"), kLongest));
  return limits;
}

}  // namespace reqmail::spawn
