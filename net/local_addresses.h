// The addresses of this host.
#pragma once

#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace reqmail::net {

class LocalAddresses {
 public:
  // Returns every address of every interface, even if the interface is down.
  static Result<LocalAddresses> of_this_host();

  explicit LocalAddresses(std::vector<base::IpAddress> addresses)
      : addresses_(std::move(addresses)) {}

  // Also returns true for 0.0.0.0 and ::, since a connection to them leads to this host.
  [[nodiscard]] bool contains(const base::IpAddress& address) const;

  // Returns one entry per interface and address: an address of two interfaces appears twice.
  [[nodiscard]] const std::vector<base::IpAddress>& all() const { return addresses_; }

 private:
  std::vector<base::IpAddress> addresses_;
};

}  // namespace reqmail::net
