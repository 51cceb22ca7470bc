// The variables that describe a server's connection (tcp-environ(5)).
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

// The text for a name that cannot be looked up for now.
inline constexpr std::string_view kSoftDnsError = "softdnserror";

// Returns both ends of a TCP connection over IPv4 or IPv6, or a Failure if the descriptor is
// not one.
Result<PeerNames> connection_ends(int fd);

// Returns the name of an address: the first in its PTR records, in lower case, or nullopt if
// there is none.
std::optional<std::string> host_name(const Dns& dns, const base::IpAddress& address);

// The names that are looked up.
struct NameQuestions {
  bool local = true;
  bool remote = true;
  // The name of the remote host counts only if it has the address, since the owner of an
  // address chooses its name.
  bool verify_remote = false;
};

// Looks the host names up, within `limit` in all; a name that is not known then becomes
// kSoftDnsError. A child asks the questions, since the system's resolver waits without limit
// for an answer over TCP.
void find_host_names(PeerNames& names, DnsTransport& transport, std::chrono::milliseconds limit,
                     const NameQuestions& questions = {});

// Sets PROTO and the TCP variables, and removes those of them that have no value. PROTO is TCP
// for IPv4, including v4-mapped addresses, and TCP6 for IPv6.
void set_peer_environment(const PeerNames& names, sys::Environment& environment);

}  // namespace reqmail::net
