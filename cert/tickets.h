// qmail-cert tickets: the keys under which TLS sessions are resumed.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::cert {

// Puts a new key in front of those in control/tlsticketkey, of which the newest two stay, or
// makes the file. What to tell the user.
Result<std::string> rotate_tickets();

}  // namespace reqmail::cert
