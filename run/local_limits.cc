#include "run/local_limits.h"

#include <algorithm>
#include <optional>

#include "control/reader.h"

namespace reqmail::run {

namespace {

// Longer than any host is up.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 32;

std::optional<std::uint64_t> number(const char* path) {
  return control::read_number(path).value_or(std::nullopt);
}

}  // namespace

LocalLimits read_local_limits() {
  LocalLimits limits;
  limits.per_user = number("control/concurrencylocaluser").value_or(0);
  limits.time =
      std::chrono::seconds(std::min(number("control/timeoutlocal").value_or(0), kLongest));
  return limits;
}

}  // namespace reqmail::run
