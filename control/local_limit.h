// The places of local delivery, and the default of control/concurrencylocaluser, which depends
// on them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "config.h"

namespace reqmail::control {

// Deliveries that qmail-send orders at a time: as many as concurrencylocal says, as far as
// qmail-lspawn can run them.
constexpr std::uint64_t local_places(std::uint64_t concurrencylocal) {
  return std::min<std::uint64_t>(concurrencylocal, config::kSpawnLimit);
}

// Two places are left free for others; fewer than four are not divided (0: no limit).
constexpr std::uint64_t default_local_user_limit(std::uint64_t places) {
  constexpr std::uint64_t kLeastDivided = 4;
  constexpr std::uint64_t kLeftFree = 2;
  return places < kLeastDivided ? 0 : places - kLeftFree;
}

}  // namespace reqmail::control
