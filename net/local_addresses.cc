#include "net/local_addresses.h"

#include <ifaddrs.h>

#include <algorithm>

#include "net/socket_address.h"
#include "sys/error.h"

namespace reqmail::net {

AddressCorrections AddressCorrections::parse(const std::vector<std::string>& moreipme,
                                             const std::vector<std::string>& notipme) {
  return {base::parse_networks(moreipme, nullptr), base::parse_networks(notipme, nullptr)};
}

Result<LocalAddresses> LocalAddresses::of_this_host(AddressCorrections corrections) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return sys::system_failure("unable to list interfaces");
  }
  std::vector<base::IpAddress> addresses;
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (const auto endpoint = to_endpoint(entry->ifa_addr)) {
      addresses.push_back(endpoint->address);
    }
  }
  ::freeifaddrs(first);
  return LocalAddresses(std::move(addresses), std::move(corrections));
}

bool LocalAddresses::contains(const base::IpAddress& address) const {
  if (base::any_contains(corrections_.others, address)) {
    return false;
  }
  return address.unspecified() ||
         std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end() ||
         base::any_contains(corrections_.more, address);
}

bool LocalAddresses::lead_here(const base::IpAddress& address) const {
  return contains(address) ||
         (address.leads_back() && !base::any_contains(corrections_.others, address));
}

}  // namespace reqmail::net
