// Whether a domain is one of this host.
#pragma once

#include <string_view>

#include "base/result.h"
#include "control/files.h"

namespace reqmail::control {

// Returns whether mail for the address is delivered or relayed by this host: its domain is in
// rcpthosts or morercpthosts.cdb, or locals or virtualdomains have it. This is not what
// qmail-smtpd asks (RcptHosts::accepts()): without rcpthosts it accepts every domain, but none
// is ours for that. A Failure names the file that cannot be read: "control/locals cannot be
// read".
Result<bool> is_own_address(ControlFiles& files, std::string_view address);

}  // namespace reqmail::control
