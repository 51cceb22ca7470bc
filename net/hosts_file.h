// /etc/hosts, for programs that connect to services of their own host and ask no name server.
#pragma once

#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reqmail::net {

// Returns the addresses of a name, in any case, in a text that has the form of hosts(5).
// "localhost" has the addresses of the loopback interface even if the text does not list it.
std::vector<base::IpAddress> addresses_in_hosts(std::string_view text, std::string_view name);

// Does the same for /etc/hosts; if `name` is itself an address, returns that.
std::vector<base::IpAddress> local_addresses_of(std::string_view name);

}  // namespace reqmail::net
