// What the control files and the interfaces of this host say about it.
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "dnscheck/subject.h"

namespace reqmail::dnscheck {

// Reads control/ in the current directory, which is qmail's home. `addresses`: those from which
// receivers see this host; if there are none, they are the addresses of control/outgoingip, or
// those of the interfaces and of control/moreipme that are not private, as far as
// control/ipversions allows to send from them. The Failure says which file is malformed or
// could not be read.
Result<Host> read_host(const std::vector<base::IpAddress>& addresses);

// Returns the domain of the senders that qmail-inject makes: control/defaulthost.
Result<std::string> default_domain();

Result<Subject> read_subject(std::string domain, const Host& host);

}  // namespace reqmail::dnscheck
