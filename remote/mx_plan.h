// In which order the mail exchangers of a host are tried (RFC 5321 section 5.1). Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "net/dns.h"

namespace reqmail::remote {

struct MxPlan {
  // The host takes no mail (RFC 7505): its only exchanger is the root.
  bool null_mx = false;
  // Hosts of one preference each, the best first; inside a group in random order. A host that
  // is listed twice in a group appears once.
  std::vector<std::vector<net::DnsName>> groups;
};

// `seed` decides the order inside groups.
MxPlan plan_exchangers(std::vector<net::MailExchanger> exchangers, std::uint64_t seed);

}  // namespace reqmail::remote
