#include "proto/dmarc_exemptions.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"

namespace reqmail::proto {

namespace {

constexpr std::size_t kBitsOfByte = 8;

}  // namespace

Result<void> DmarcExemptions::add(std::string_view line) {
  if (line.starts_with('@')) {
    if (line.size() == 1 || line.find_first_of(" \t@", 1) != std::string_view::npos) {
      return permanent("no domain");
    }
    author_domains.push_back(base::lower(line.substr(1)));
    return {};
  }
  const std::size_t slash = line.find('/');
  const auto address = base::IpAddress::parse(line.substr(0, slash));
  if (!address) {
    return permanent("neither an address nor a network nor @domain");
  }
  const std::size_t bits = address->bytes().size() * kBitsOfByte;
  std::size_t prefix = bits;
  if (slash != std::string_view::npos) {
    const auto number = base::parse_u64(line.substr(slash + 1));
    if (!number || *number > bits) {
      return permanent("no prefix of a network");
    }
    prefix = static_cast<std::size_t>(*number);
  }
  clients.push_back({*address, prefix});
  return {};
}

bool DmarcExemptions::has_client(const base::IpAddress& client) const {
  return std::any_of(clients.begin(), clients.end(), [&](const Network& network) {
    return network.address.family() == client.family() &&
           client.agrees(network.address, network.prefix);
  });
}

}  // namespace reqmail::proto
