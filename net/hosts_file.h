// /etc/hosts, for programs that connect to services of their own host and ask no name server.
#pragma once

#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reqmail::net {

// The addresses that a text of the form of hosts(5) gives a name, in any case. "localhost" has
// those of the loopback interface even if the text does not say so.
std::vector<base::IpAddress> addresses_in_hosts(std::string_view text, std::string_view name);

// The same for /etc/hosts, or the address that `name` is.
std::vector<base::IpAddress> local_addresses_of(std::string_view name);

}  // namespace reqmail::net
