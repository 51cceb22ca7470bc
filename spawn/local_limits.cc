#include "spawn/local_limits.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "control/known.h"
#include "control/local_limit.h"
#include "control/reader.h"

namespace reqmail::spawn {

namespace {

// Longer than any host is up.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 32;

std::optional<std::uint64_t> number(const char* path) {
  return control::read_number(path).value_or(std::nullopt);
}

}  // namespace

LocalLimits read_local_limits() {
  LocalLimits limits;
  limits.places = control::local_places(
      number("control/concurrencylocal").value_or(control::default_number("concurrencylocal")));
  const auto chosen = number("control/concurrencylocaluser");
  limits.per_user = chosen.value_or(control::default_local_user_limit(limits.places));
  limits.per_user_chosen = chosen.has_value();
  limits.time =
      std::chrono::seconds(std::min(number("control/timeoutlocal").value_or(0), kLongest));
  return limits;
}

}  // namespace reqmail::spawn
