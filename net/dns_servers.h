// The name servers of this host, as resolv.conf(5) lists them.
#pragma once

#include <chrono>
#include <vector>

#include "base/result.h"
#include "net/socket_address.h"

namespace reqmail::net {

struct DnsServers {
  std::vector<Endpoint> servers;
  // How long a server has for its answer before the next one is asked, too.
  std::chrono::milliseconds patience{5000};
  // How often all of them are asked.
  unsigned rounds = 2;
};

// Reads resolv.conf(5), RES_OPTIONS included; without servers there, this host's own address.
Result<DnsServers> system_dns_servers();

}  // namespace reqmail::net
