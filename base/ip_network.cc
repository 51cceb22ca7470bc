#include "base/ip_network.h"

#include <algorithm>

#include "base/number.h"

namespace reqmail::base {

namespace {

constexpr std::size_t kBitsOfByte = 8;

std::size_t bits_of(const IpAddress& address) {
  return address.bytes().size() * kBitsOfByte;
}

}  // namespace

IpNetwork::IpNetwork(const IpAddress& address) : IpNetwork(address, bits_of(address)) {}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return permanent("neither an address nor a network");
  }
  if (slash == std::string_view::npos) {
    return IpNetwork(*address);
  }
  const auto prefix = parse_u64(text.substr(slash + 1));
  if (!prefix || *prefix > bits_of(*address)) {
    return permanent("no prefix of a network");
  }
  return IpNetwork(*address, static_cast<std::size_t>(*prefix));
}

bool any_contains(const IpNetworks& networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& network) { return network.contains(address); });
}

IpNetworks parse_networks(const std::vector<std::string>& lines, std::vector<BadLine>* bad) {
  IpNetworks networks;
  for (const std::string& line : lines) {
    if (const auto network = IpNetwork::parse(line)) {
      networks.push_back(*network);
    } else if (bad != nullptr) {
      bad->push_back({line, network.error().text});
    }
  }
  return networks;
}

}  // namespace reqmail::base
