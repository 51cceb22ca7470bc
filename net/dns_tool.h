// What the small DNS commands (dnsip, dnsmxip, dnsptr) have in common: one argument, one
// question, the answer on descriptor 1.
#pragma once

#include <string>
#include <string_view>

#include "net/dns.h"

namespace reqmail::net {

// Text for descriptor 1, or why there is none.
struct DnsToolAnswer {
  LookupStatus status = LookupStatus::temporary;
  std::string text;
};

using DnsQuestion = DnsToolAnswer (*)(const Dns& dns, std::string_view argument);

// Asks the system's name servers and prints. Returns the exit code: 0; 100 with "hard error"
// (there is no such thing) or with the usage, where there is not exactly one argument; 111 with
// "soft error" (no answer).
int dns_tool(int argc, char** argv, std::string_view usage, DnsQuestion question);

// The IPv4 addresses of a host, a blank after each.
DnsToolAnswer addresses_of(const Dns& dns, std::string_view host);

}  // namespace reqmail::net
