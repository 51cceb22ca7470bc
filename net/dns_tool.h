// The common part of the small DNS commands (dnsip, dnsmxip, dnsptr), which take one argument,
// ask one question and print the answer to descriptor 1.
#pragma once

#include <string>
#include <string_view>

#include "net/dns.h"

namespace reqmail::net {

// The text for descriptor 1, or the reason why there is none.
struct DnsToolAnswer {
  LookupStatus status = LookupStatus::temporary;
  std::string text;
};

using DnsQuestion = DnsToolAnswer (*)(const Dns& dns, std::string_view argument);

// Asks the system's name servers and prints the answer. Returns the exit code: 0; 100 with
// "hard error" (a negative answer), or with the usage if there is not exactly one argument; 111
// with "soft error" (no answer).
int dns_tool(int argc, char** argv, std::string_view usage, DnsQuestion question);

// Returns the IPv4 addresses of a host, each followed by a blank.
DnsToolAnswer addresses_of(const Dns& dns, std::string_view host);

}  // namespace reqmail::net
