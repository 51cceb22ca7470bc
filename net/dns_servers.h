// The name servers of this host, as resolv.conf(5) lists them.
#pragma once

#include <chrono>
#include <vector>

#include "base/result.h"
#include "net/socket_address.h"

namespace reqmail::net {

struct DnsServers {
  std::vector<Endpoint> servers;
  // How long a server may take before the next one is asked too.
  std::chrono::milliseconds patience{5000};
  // The number of times that each server is asked.
  unsigned rounds = 2;
  // The servers are asked whether they have verified their answers (AD, RFC 6840 section 5.7).
  bool wants_verification = false;
};

// Returns whether nobody on a network can change what the servers say: all of them are on this
// host.
bool all_on_this_host(const DnsServers& servers);

// Reads resolv.conf(5) and RES_OPTIONS. Without a server there, the only server is this host.
Result<DnsServers> system_dns_servers();

}  // namespace reqmail::net
