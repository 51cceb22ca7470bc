// SPF of one sender, asked of this host's name servers.
#pragma once

#include <cstdint>

#include "auth822/spf_check.h"
#include "base/result.h"
#include "base/time.h"

namespace reqmail::judge {

// RFC 7208 section 4.6.4: at least 20 seconds for a check.
inline constexpr base::Seconds kSpfTime{20};

// The limit of a step: control/timeoutdns, within the range of the clock.
base::Seconds step_time(std::uint64_t seconds);

// The text of a fail whose domain explains nothing.
inline constexpr const char* kSpfExplanation = "sorry, SPF of %{o} does not allow %{i}";

// A Failure: there is no way to ask the DNS at all.
Result<auth822::SpfResult> check_spf(auth822::SpfRequest request);

}  // namespace reqmail::judge
