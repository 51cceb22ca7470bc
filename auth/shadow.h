// The shadow file (shadow(5)).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/hash.h"
#include "base/time.h"

namespace reqmail::auth {

// Dates are days since 1970; -1 means that a field is not set.
struct ShadowDates {
  std::int64_t changed = -1;  // last change of the password; 0: must be changed now
  std::int64_t longest = -1;  // the number of days after which it must be changed
  std::int64_t expires = -1;  // the date on which the account expires
};

// Returns whether the account has expired, or its password must be changed first, which is not
// possible here.
bool is_expired(const ShadowDates& dates, base::Time now);

// Returns a sample of the costs of the hashes in a shadow file.
CostSample sample_shadow(std::string_view text);

}  // namespace reqmail::auth
