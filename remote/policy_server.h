// Asks the server in control/tlspolicyserver for the policy of a domain. One of those is
// postfix-mta-sts-resolver, which knows the policies of MTA-STS (RFC 8461).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "remote/domain_policy.h"

namespace reqmail::remote {

// How long the server may take.
inline constexpr base::Seconds kPolicyServerTime(10);

// Returns the policy; level may if the server knows none. `place` is the line of the file. A
// Failure, policy_unknown(), if the place makes no sense, or the server does not answer, cannot
// say, or says what this program does not know.
Result<DomainPolicy> ask_policy_server(std::string_view place, const std::string& domain,
                                       base::Seconds time = kPolicyServerTime);

}  // namespace reqmail::remote
