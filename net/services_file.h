// Ports of services by their names, in /etc/services.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reqmail::net {

// Returns the TCP port of a name or alias in a text that has the form of services(5).
std::optional<std::uint16_t> tcp_port_in_services(std::string_view text, std::string_view name);

// Does the same for /etc/services.
std::optional<std::uint16_t> tcp_port_of_service(std::string_view name);

}  // namespace reqmail::net
