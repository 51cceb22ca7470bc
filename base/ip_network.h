// Networks of IP addresses, as control files list them: an address alone, or ADDRESS/PREFIX.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "base/ip_address.h"
#include "base/result.h"

namespace reqmail::base {

class IpNetwork {
 public:
  // The network of one address.
  explicit IpNetwork(const IpAddress& address);

  // Parses a line. The text of a Failure says why it is malformed.
  static Result<IpNetwork> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const {
    return address.agrees(address_, prefix_);
  }

 private:
  IpNetwork(const IpAddress& address, std::size_t prefix)
      : address_(address), prefix_(prefix) {}

  IpAddress address_;
  std::size_t prefix_;
};

using IpNetworks = std::vector<IpNetwork>;

bool any_contains(const IpNetworks& networks, const IpAddress& address);

// Parses the lines of a control file. The malformed ones are left out and appended to `bad` if
// that is not null.
IpNetworks parse_networks(const std::vector<std::string>& lines, std::vector<BadLine>* bad);

}  // namespace reqmail::base
