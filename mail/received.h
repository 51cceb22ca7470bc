// Received lines: what each program that handles a message puts on top of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace reqmail::mail {

// Who ran qmail-queue, as far as its Received line tells.
enum class QueueCaller { user, alias, network, bounce };

// qmail-queue's own line with its line feed, e.g.
// "Received: (qmail 145 invoked by uid 1000); 22 Nov 2026 15:23:53 -0000". `uid` counts for
// QueueCaller::user.
std::string queue_received(std::uint64_t pid, QueueCaller caller, std::uint64_t uid,
                           base::Time time);

// The client that a message came from over a network (tcp-environ(5)). What is not known is
// "unknown".
struct NetworkPeer {
  std::string remote_host = "unknown";
  std::string remote_ip = "unknown";
  std::optional<std::string> remote_info;  // TCPREMOTEINFO, shown in front of the address
  std::string local_host = "unknown";
};

// The two lines of a server with their line feeds:
//   Received: from client.example.net (HELO c) (joe@192.0.2.99)
//     by host.example.org with SMTP; 22 Nov 2026 15:23:53 -0000
// `helo` is left out if it is absent or equals the host name, without regard to case.
// `protocol` is shown as it is.
std::string network_received(const NetworkPeer& peer, const std::optional<std::string>& helo,
                             std::string_view protocol, base::Time time);

// The same for a client that has logged in as `user` and is to stay hidden: neither its host
// name, its HELO name nor its address.
//   Received: from unknown (joe)
//     by host.example.org with ESMTPSA; 22 Nov 2026 15:23:53 -0000
std::string hidden_client_received(std::string_view user, std::string_view local_host,
                                   std::string_view protocol, base::Time time);

// Text from outside as a Received line may show it: letters, digits and ". @ % + / = : -" as
// they are, every other byte as '?'.
std::string received_safe(std::string_view text);

}  // namespace reqmail::mail
