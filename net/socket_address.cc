#include "net/socket_address.h"

#include <algorithm>
#include <cstring>

namespace reqmail::net {

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress result;
  const auto bytes = endpoint.address.bytes();
  if (endpoint.address.family() == base::Family::v4) {
    sockaddr_in v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.length = sizeof v4;
    return result;
  }
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
  std::memcpy(&result.storage, &v6, sizeof v6);
  result.length = sizeof v6;
  return result;
}

std::optional<Endpoint> to_endpoint(const sockaddr* address) {
  if (address == nullptr) {
    return std::nullopt;
  }
  if (address->sa_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, address, sizeof v4);
    base::IpAddress::V4 bytes = {};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return Endpoint{base::IpAddress(bytes), ntohs(v4.sin_port)};
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, address, sizeof v6);
    base::IpAddress::V6 bytes = {};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return Endpoint{base::IpAddress(bytes), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

std::optional<Endpoint> local_endpoint(int socket) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (::getsockname(socket, address.get(), &address.length) != 0) {
    return std::nullopt;
  }
  return to_endpoint(address.get());
}

}  // namespace reqmail::net
