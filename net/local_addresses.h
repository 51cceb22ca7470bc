// The addresses of this host.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/ip_network.h"
#include "base/result.h"

namespace reqmail::net {

// What the administrator knows better than the interfaces: control/moreipme lists addresses
// that lead to this host, for example through a translator of addresses; control/notipme lists
// addresses of interfaces that are not to count, and has precedence.
struct AddressCorrections {
  base::IpNetworks more;
  base::IpNetworks others;

  // Malformed lines are left out.
  static AddressCorrections parse(const std::vector<std::string>& moreipme,
                                  const std::vector<std::string>& notipme);
};

class LocalAddresses {
 public:
  // Returns every address of every interface, even if the interface is down.
  static Result<LocalAddresses> of_this_host(AddressCorrections corrections = {});

  explicit LocalAddresses(std::vector<base::IpAddress> addresses,
                          AddressCorrections corrections = {})
      : addresses_(std::move(addresses)), corrections_(std::move(corrections)) {}

  // Also returns true for 0.0.0.0 and ::, since a connection to them leads to this host.
  [[nodiscard]] bool contains(const base::IpAddress& address) const;

  // Returns the same as contains(), and true for addresses with which every host reaches
  // itself.
  [[nodiscard]] bool lead_here(const base::IpAddress& address) const;

  // Returns one entry per interface and address: an address of two interfaces appears twice.
  [[nodiscard]] const std::vector<base::IpAddress>& all() const { return addresses_; }

 private:
  std::vector<base::IpAddress> addresses_;
  AddressCorrections corrections_;
};

}  // namespace reqmail::net
