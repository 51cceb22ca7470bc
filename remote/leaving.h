// A delivery as it leaves this host: names as they are looked up, the address that is its
// source, and the sender that the server hears.
#pragma once

#include <string>

#include "base/result.h"
#include "remote/attempt.h"
#include "remote/source_addresses.h"

namespace reqmail::remote {

struct Leaving {
  Delivery delivery;   // the host as it is looked up
  std::string sender;  // as it is compared with control files
  SourceAddresses from = {};
  std::string mail_from = {};
};

// Fails permanently if an address cannot be sent (invoked_improperly) or the host has no
// A-labels; and as the rewriting of the sender (control/srs_domain) fails.
Result<Leaving> leave(const Delivery& delivery, const DeliverySettings& settings);

}  // namespace reqmail::remote
