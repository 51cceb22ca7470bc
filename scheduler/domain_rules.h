// control/concurrencyremotedomains and control/ratelimitremote: how many deliveries to one
// domain may run at a time, and how many may start in a time.
#pragma once

#include <cstddef>
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

  // Returns whether no domain has a limit.
  [[nodiscard]] bool empty() const { return concurrency_.empty() && rates_.empty(); }

  // Returns the limits of a domain, which is in lower case: of each kind the one for the domain
  // itself, for the longest suffix, or for all. A domain with U-labels has those of its
  // A-labels (mail/idna.h), with which the lines must come.
  [[nodiscard]] DomainLimit limit_of(std::string_view domain) const;

 private:
  std::map<std::string, std::size_t, std::less<>> concurrency_;
  std::map<std::string, Rate, std::less<>> rates_;
};

}  // namespace reqmail::scheduler
