#include "run/local_limits.h"

#include <algorithm>

#include "control/known.h"
#include "control/local_limit.h"
#include "control/reader.h"

namespace reqmail::run {

namespace {

// Longer than any host is up.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 32;

std::optional<std::uint64_t> number(const char* path) {
  return control::read_number(path).value_or(std::nullopt);
}

}  // namespace

LocalLimits local_limits(std::optional<std::uint64_t> concurrency,
                         std::optional<std::uint64_t> per_user,
                         std::optional<std::uint64_t> timeout) {
  const std::uint64_t places =
      concurrency.value_or(control::default_number("concurrencylocal"));
  LocalLimits limits;
  limits.per_user = per_user.value_or(control::default_local_user_limit(places));
  limits.time = std::chrono::seconds(std::min(timeout.value_or(0), kLongest));
  return limits;
}

LocalLimits read_local_limits() {
  return local_limits(number("control/concurrencylocal"),
                      number("control/concurrencylocaluser"), number("control/timeoutlocal"));
}

}  // namespace reqmail::run
