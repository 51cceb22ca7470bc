// The variables that tell a server about its connection (tcp-environ(5)).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/dns.h"
#include "net/socket_address.h"
#include "sys/env.h"

namespace reqmail::net {

struct PeerNames {
  Endpoint local;
  Endpoint remote;
  std::optional<std::string> local_host;
  std::optional<std::string> remote_host;
  std::optional<std::string> remote_info;
};

// What stands for a name that cannot be found out for now.
inline constexpr std::string_view kSoftDnsError = "softdnserror";

// Both ends of a TCP connection over IPv4 or IPv6; a Failure where the descriptor is none.
Result<PeerNames> connection_ends(int fd);

// The name of an address: the first that its PTR records give, in lower case; nothing where it
// has none.
std::optional<std::string> host_name(const Dns& dns, const base::IpAddress& address);

// Finds both host names, for which there are so many milliseconds in all; what is not known
// then counts as not to be found out for now. The questions are asked by a child: the system's
// resolver waits for ever for an answer over TCP.
void find_host_names(PeerNames& names, DnsTransport& transport,
                     std::chrono::milliseconds limit);

// Sets PROTO and the TCP variables, and removes those of them that have no value. PROTO is TCP
// for IPv4, v4-mapped addresses included, and TCP6 for IPv6.
void set_peer_environment(const PeerNames& names, sys::Environment& environment);

}  // namespace reqmail::net
