// The default of control/concurrencylocaluser, which depends on concurrencylocal.
#pragma once

#include <cstdint>

namespace reqmail::control {

// Two places are left free for others; fewer than four are not divided (0: no limit).
constexpr std::uint64_t default_local_user_limit(std::uint64_t concurrencylocal) {
  constexpr std::uint64_t kLeastDivided = 4;
  constexpr std::uint64_t kLeftFree = 2;
  return concurrencylocal < kLeastDivided ? 0 : concurrencylocal - kLeftFree;
}

}  // namespace reqmail::control
