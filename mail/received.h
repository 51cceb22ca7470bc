// Received fields, which each program that handles a message adds at its top.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace reqmail::mail {

// Who has run qmail-queue, as its Received field shows it.
enum class QueueCaller { user, alias, network, bounce };

// Returns qmail-queue's field with its line feed, such as "Received: (qmail 145 invoked by uid
// 1000); 22 Nov 2026 15:23:53 -0000". `uid` is used only with QueueCaller::user.
std::string queue_received(std::uint64_t pid, QueueCaller caller, std::uint64_t uid,
                           base::Time time);

// The client from which a message came over a network (tcp-environ(5)). The value of what is
// not known is "unknown".
struct NetworkPeer {
  std::string remote_host = "unknown";
  std::string remote_ip = "unknown";
  std::optional<std::string> remote_info;  // TCPREMOTEINFO, shown before the address
  std::string local_host = "unknown";
};

// Returns the field of a server, which has two lines with line feeds:
//   Received: from client.example.net (HELO c) (joe@192.0.2.99)
//     by host.example.org with SMTP; 22 Nov 2026 15:23:53 -0000
// `helo` is left out if it is absent, or if it equals the host name without regard to case.
// `protocol` is shown unchanged.
std::string network_received(const NetworkPeer& peer, const std::optional<std::string>& helo,
                             std::string_view protocol, base::Time time);

// Returns the field for a client that has logged in as `user` and must stay hidden, so that it
// shows neither host name nor HELO name nor address:
//   Received: from unknown (joe)
//     by host.example.org with ESMTPSA; 22 Nov 2026 15:23:53 -0000
std::string hidden_client_received(std::string_view user, std::string_view local_host,
                                   std::string_view protocol, base::Time time);

// Returns text from the network in the form that a Received field may show: letters, digits and
// ". @ % + / = : -" are kept, and every other byte becomes '?'.
std::string received_safe(std::string_view text);

}  // namespace reqmail::mail
