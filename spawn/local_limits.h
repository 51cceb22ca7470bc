// The limits that prevent one user from taking all places of local delivery (qmail-lspawn(8)).
#pragma once

#include <chrono>
#include <cstdint>

namespace reqmail::spawn {

struct LocalLimits {
  // The number of deliveries of all users that qmail-send orders at a time.
  std::uint64_t places = 0;
  // The number of deliveries of one user at a time; 0 means no limit.
  std::uint64_t per_user = 0;
  // Whether `per_user` was configured, not derived from `places`.
  bool per_user_chosen = false;
  // The longest time of one delivery; 0 means no limit.
  std::chrono::seconds time{0};
};

// Reads concurrencylocal, concurrencylocaluser and timeoutlocal below the current directory,
// which is qmail's home. A file that cannot be read, or has no number, counts as absent.
LocalLimits read_local_limits();

}  // namespace reqmail::spawn
