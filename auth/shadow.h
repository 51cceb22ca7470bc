// What the shadow file says (shadow(5)).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/hash.h"
#include "base/time.h"

namespace reqmail::auth {

// In days, since 1970 or as a length; -1: not set.
struct ShadowDates {
  std::int64_t changed = -1;  // the last change of the password; 0: must be changed now
  std::int64_t longest = -1;  // days after which it must be changed
  std::int64_t expires = -1;  // the account as a whole
};

// Whether the account is over, or its password must be changed first, which nobody can do here.
bool is_expired(const ShadowDates& dates, base::Time now);

// The hashes of a shadow file as a sample of what they cost.
CostSample sample_shadow(std::string_view text);

}  // namespace reqmail::auth
