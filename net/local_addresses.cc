#include "net/local_addresses.h"

#include <ifaddrs.h>

#include <algorithm>

#include "net/socket_address.h"
#include "sys/error.h"

namespace reqmail::net {

Result<LocalAddresses> LocalAddresses::of_this_host() {
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
  return LocalAddresses(std::move(addresses));
}

bool LocalAddresses::contains(const base::IpAddress& address) const {
  return address.unspecified() ||
         std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

}  // namespace reqmail::net
