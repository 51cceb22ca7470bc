// What keeps one user from taking all places of local delivery (qmail-lspawn(8)).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace reqmail::run {

struct LocalLimits {
  // Deliveries of one user at a time; 0: any number.
  std::uint64_t per_user = 0;
  // How long one delivery may take; 0: for ever.
  std::chrono::seconds time{0};
};

// From the numbers in concurrencylocal, concurrencylocaluser and timeoutlocal; nothing where a
// file has none. Without its own number `per_user` leaves two places of concurrencylocal free,
// where these are four at least.
LocalLimits local_limits(std::optional<std::uint64_t> concurrency,
                         std::optional<std::uint64_t> per_user,
                         std::optional<std::uint64_t> timeout);

// The same from the files, in the current directory, qmail's home. One that cannot be read
// counts as absent.
LocalLimits read_local_limits();

}  // namespace reqmail::run
