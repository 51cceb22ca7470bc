// Values of absent control files that follow from those of other files.
#pragma once

#include <algorithm>
#include <cstdint>

#include "config.h"

namespace reqmail::control {

// The deliveries of one channel that qmail-send orders at a time: as many as concurrencylocal
// or concurrencyremote says, as far as the spawner can run them.
constexpr std::uint64_t spawn_places(std::uint64_t concurrency) {
  return std::min<std::uint64_t>(concurrency, config::kSpawnLimit);
}

// concurrencylocaluser: two places are left free for others; fewer than four are not divided
// (0: no limit).
constexpr std::uint64_t default_local_user_limit(std::uint64_t places) {
  constexpr std::uint64_t kLeastDivided = 4;
  constexpr std::uint64_t kLeftFree = 2;
  return places < kLeastDivided ? 0 : places - kLeftFree;
}

// concurrencyremoteip: half of the places, and at least one.
constexpr std::uint64_t default_remote_address_limit(std::uint64_t places) {
  return std::max<std::uint64_t>(places / 2, 1);
}

}  // namespace reqmail::control
