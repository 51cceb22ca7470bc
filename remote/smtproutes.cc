#include "remote/smtproutes.h"

#include <limits>

#include "base/number.h"

namespace reqmail::remote {

namespace {

std::uint16_t parse_port(std::string_view text) {
  const auto number = base::leading_number(text);
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max()) {
    return kSmtpPort;
  }
  return static_cast<std::uint16_t>(*number);
}

// Where the colon before the port is; the end of the text where there is none.
std::size_t find_port(std::string_view value) {
  const std::size_t bracket =
      !value.empty() && value.front() == '[' ? value.find(']') : std::string_view::npos;
  return value.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

}  // namespace

SmtpRoutes::SmtpRoutes(const std::vector<std::string>& lines)
    : routes_(base::ConstMap::of_pairs(lines)) {}

std::optional<Route> SmtpRoutes::find(std::string_view host) const {
  auto value = routes_.find(host);
  for (std::size_t dot = host.find('.'); !value && dot != std::string_view::npos;
       dot = host.find('.', dot + 1)) {
    value = routes_.find(host.substr(dot));
  }
  if (!value) {
    value = routes_.find("");
  }
  if (!value || value->empty()) {
    return std::nullopt;
  }
  Route route;
  const std::size_t colon = find_port(*value);
  route.relay = value->substr(0, colon);
  if (colon != std::string_view::npos) {
    route.port = parse_port(value->substr(colon + 1));
  }
  return route;
}

}  // namespace reqmail::remote
