// Default values of control files that depend on other control files.
#pragma once

#include <algorithm>
#include <cstdint>

#include "config.h"

namespace reqmail::control {

// Returns the number of deliveries of one channel that qmail-send orders at a time: the value
// of concurrencylocal or concurrencyremote, limited by what the spawner can run.
constexpr std::uint64_t spawn_places(std::uint64_t concurrency) {
  return std::min<std::uint64_t>(concurrency, config::kSpawnLimit);
}

// Returns the default of concurrencylocaluser: all places but two, which are left for other
// users. Fewer than four places are not divided (0: no limit).
constexpr std::uint64_t default_local_user_limit(std::uint64_t places) {
  constexpr std::uint64_t kLeastDivided = 4;
  constexpr std::uint64_t kLeftFree = 2;
  return places < kLeastDivided ? 0 : places - kLeftFree;
}

// Returns the default of concurrencyremoteip: half of the places, but at least one.
constexpr std::uint64_t default_remote_address_limit(std::uint64_t places) {
  return std::max<std::uint64_t>(places / 2, 1);
}

}  // namespace reqmail::control
