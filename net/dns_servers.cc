#include "net/dns_servers.h"

#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <cerrno>

namespace reqmail::net {

namespace {

// The library stores servers with IPv6 addresses separately.
const sockaddr* server_at(const struct __res_state& state, int at) {
  const sockaddr_in& v4 = state.nsaddr_list[at];
  const sockaddr_in6* const v6 = state._u._ext.nsaddrs[at];
  if (v4.sin_family == AF_INET || v6 == nullptr) {
    return reinterpret_cast<const sockaddr*>(&v4);
  }
  return reinterpret_cast<const sockaddr*>(v6);
}

}  // namespace

bool all_on_this_host(const DnsServers& servers) {
  return std::all_of(servers.servers.begin(), servers.servers.end(),
                     [](const Endpoint& server) { return server.address.leads_back(); });
}

Result<DnsServers> system_dns_servers() {
  struct __res_state state = {};
  if (::res_ninit(&state) != 0) {
    return temporary("unable to read resolv.conf", EIO);
  }
  DnsServers servers;
  for (int at = 0; at < state.nscount; ++at) {
    if (const auto endpoint = to_endpoint(server_at(state, at))) {
      servers.servers.push_back(*endpoint);
    }
  }
  servers.patience = std::chrono::seconds(std::max(state.retrans, 1));
  servers.rounds = static_cast<unsigned>(std::max(state.retry, 1));
  ::res_nclose(&state);
  if (servers.servers.empty()) {
    return temporary("no name server in resolv.conf", EIO);
  }
  return servers;
}

}  // namespace reqmail::net
