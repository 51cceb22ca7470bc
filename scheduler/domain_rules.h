// control/concurrencyremotedomains, control/ratelimitremote and
// control/concurrencyremotereserve: how many deliveries to one domain may run at a time, how
// many may start in a time, and how many places a domain that does not answer leaves to others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "base/time.h"

namespace reqmail::scheduler {

// So many starts in so many seconds.
struct Rate {
  std::size_t starts = 0;
  base::Seconds within{1};
};

struct DomainLimit {
  std::optional<std::size_t> at_a_time;
  std::optional<Rate> rate;
};

class DomainRules {
 public:
  // Takes the lines "DOMAIN:N" of concurrencyremotedomains. DOMAIN is a domain, ".suffix" for
  // all domains below one, or "*"; N counts for each domain by itself, and 0 means no limit.
  // Returns the malformed lines, which do not count.
  std::vector<base::BadLine> set_concurrency(const std::vector<std::string>& lines);

  // Takes the lines "DOMAIN:N/SECONDS" of ratelimitremote in the same way.
  std::vector<base::BadLine> set_rates(const std::vector<std::string>& lines);

  // Takes the number in concurrencyremotereserve, percents of the places.
  void set_reserve(std::uint64_t percents) {
    reserve_percents_ = static_cast<std::size_t>(std::min(percents, kReserveMax));
  }

  // Returns how many of so many places are the reserve.
  [[nodiscard]] std::size_t reserve_of(std::size_t places) const {
    return places * reserve_percents_ / kAllPlaces;
  }

  // Returns whether no domain has a limit.
  [[nodiscard]] bool empty() const {
    return concurrency_.empty() && rates_.empty() && reserve_percents_ == 0;
  }

  // Returns the limits of a domain, which is in lower case: of each kind the one for the domain
  // itself, for the longest suffix, or for all. A domain with U-labels has those of its
  // A-labels (mail/idna.h), with which the lines must come.
  [[nodiscard]] DomainLimit limit_of(std::string_view domain) const;

 private:
  static constexpr std::size_t kAllPlaces = 100;
  // Of more than this no domain could use a second place.
  static constexpr std::uint64_t kReserveMax = 90;

  std::size_t reserve_percents_ = 0;
  std::map<std::string, std::size_t, std::less<>> concurrency_;
  std::map<std::string, Rate, std::less<>> rates_;
};

}  // namespace reqmail::scheduler
