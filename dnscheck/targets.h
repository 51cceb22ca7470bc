// Where mail for a domain, or for a host, leads.
#pragma once

#include <string>
#include <vector>

#include "dnscheck/answers.h"
#include "dnscheck/subject.h"

namespace reqmail::dnscheck {

enum class Target { here, elsewhere, nowhere, unknown };

// Returns where the addresses of a name lead: to this host if one of them does.
Target target_of(const std::string& name, const Host& host, Answers& answers);

// Asks for the addresses of all these names at once.
void ask_addresses(const std::vector<std::string>& names, Answers& answers);

}  // namespace reqmail::dnscheck
