// What keeps one user from taking all places of local delivery (qmail-lspawn(8)).
#pragma once

#include <chrono>
#include <cstdint>

namespace reqmail::spawn {

struct LocalLimits {
  // Deliveries of all users at a time, as qmail-send orders them.
  std::uint64_t places = 0;
  // Deliveries of one user at a time; 0: any number.
  std::uint64_t per_user = 0;
  // `per_user` was chosen and does not just follow from `places`.
  bool per_user_chosen = false;
  // How long one delivery may take; 0: for ever.
  std::chrono::seconds time{0};
};

// From concurrencylocal, concurrencylocaluser and timeoutlocal of the current directory,
// qmail's home. One that cannot be read, or has no number, counts as absent.
LocalLimits read_local_limits();

}  // namespace reqmail::spawn
