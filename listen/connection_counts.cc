#include "listen/connection_counts.h"

#include <algorithm>

namespace reqmail::listen {

namespace {

constexpr std::size_t kAddressBits4 = 32;
constexpr std::size_t kAddressBits6 = 128;
constexpr std::size_t kNetworkBits4 = 24;
constexpr std::size_t kNetworkBits6 = 64;

bool is_v4(const base::IpAddress& address) {
  return address.family() == base::Family::v4;
}

}  // namespace

std::size_t ConnectionCounts::count(const base::IpAddress& client, std::size_t prefix) const {
  return static_cast<std::size_t>(std::count_if(
      clients_.begin(), clients_.end(),
      [&](const auto& connection) { return connection.second.agrees(client, prefix); }));
}

std::size_t ConnectionCounts::of_address(const base::IpAddress& client) const {
  return count(client, is_v4(client) ? kAddressBits4 : kAddressBits6);
}

std::size_t ConnectionCounts::of_network(const base::IpAddress& client) const {
  return count(client, is_v4(client) ? kNetworkBits4 : kNetworkBits6);
}

}  // namespace reqmail::listen
