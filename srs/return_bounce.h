// The work of srsfilter: a bounce that came to an address of SRS goes to the sender for which
// the address stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth822/srs.h"
#include "base/result.h"

namespace reqmail::srs {

// Why an address is not accepted, as clients of SMTP and users of srsfilter read it.
std::string_view fault_text(auth822::SrsFault fault);

// Queues the message at the descriptor, with the null sender, for the sender that `address`
// stands for. `delivered_to` is put above it.
Result<void> return_bounce(int message, std::string_view delivered_to,
                           const std::string& address, const auth822::SrsSettings& settings,
                           std::uint64_t time);

}  // namespace reqmail::srs
