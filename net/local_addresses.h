// Which addresses are this host.
#pragma once

#include <vector>

#include "base/result.h"
#include "net/ip_address.h"

namespace reqmail::net {

class LocalAddresses {
 public:
  // Every address of every interface, whether up or not.
  static Result<LocalAddresses> of_this_host();

  explicit LocalAddresses(std::vector<IpAddress> addresses)
      : addresses_(std::move(addresses)) {}

  // Also true of 0.0.0.0 and ::, which lead back to whoever connects to them.
  [[nodiscard]] bool contains(const IpAddress& address) const;

  // One entry an interface and address: an address of two interfaces stands twice.
  [[nodiscard]] const std::vector<IpAddress>& all() const { return addresses_; }

 private:
  std::vector<IpAddress> addresses_;
};

}  // namespace reqmail::net
