// What receivers look at before the first message: the names and the addresses of the host that
// connects (RFC 5321 sections 2.3.5 and 4.1.4, RFC 1912 section 2.1), and lists of clients.
#pragma once

#include "dnscheck/answers.h"
#include "dnscheck/report.h"
#include "dnscheck/subject.h"

namespace reqmail::dnscheck {

// Each adds a finding for each address from which the host sends.

// "ptr": the address has a name, and the name has the address.
void check_reverse_names(const Host& host, Answers& answers, Report& report);

// "helo": the name that the host says exists, has the address, and is the one that the address
// has.
void check_hello_names(const Host& host, Answers& answers, Report& report);

// "dnsbl": the lists of control/dnsblcheck do not have the address.
void check_lists(const Host& host, Answers& answers, Report& report);

}  // namespace reqmail::dnscheck
