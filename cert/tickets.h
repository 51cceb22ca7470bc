// The work of qmail-cert tickets: the keys with which TLS sessions are resumed.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::cert {

// Adds a new key before those in control/tlsticketkey, of which the newest two are kept, or
// makes the file. Returns a text for the user.
Result<std::string> rotate_tickets();

}  // namespace reqmail::cert
