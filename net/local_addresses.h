// Which addresses are this host.
#pragma once

#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace reqmail::net {

class LocalAddresses {
 public:
  // Every address of every interface, whether up or not.
  static Result<LocalAddresses> of_this_host();

  explicit LocalAddresses(std::vector<base::IpAddress> addresses)
      : addresses_(std::move(addresses)) {}

  // Also true of 0.0.0.0 and ::, which lead back to whoever connects to them.
  [[nodiscard]] bool contains(const base::IpAddress& address) const;

  // One entry an interface and address: an address of two interfaces stands twice.
  [[nodiscard]] const std::vector<base::IpAddress>& all() const { return addresses_; }

 private:
  std::vector<base::IpAddress> addresses_;
};

}  // namespace reqmail::net
