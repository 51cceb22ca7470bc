// Converts between base::IpAddress and the sockaddr of the system.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "base/ip_address.h"

namespace reqmail::net {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

struct Endpoint {
  base::IpAddress address;
  std::uint16_t port = 0;
};

SocketAddress to_socket_address(const Endpoint& endpoint);

// Returns nullopt if it is not an address of IPv4 or IPv6.
std::optional<Endpoint> to_endpoint(const sockaddr* address);

// Returns this host's end of a connected socket.
std::optional<Endpoint> local_endpoint(int socket);

}  // namespace reqmail::net
