#include "remote/smtproutes.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"
#include "base/number.h"
#include "base/wipe.h"

namespace reqmail::remote {

namespace {

constexpr std::string_view kNullSender = "!@";
constexpr std::string_view kBlanks = " \t";

std::uint16_t parse_port(std::string_view text) {
  const auto number = base::leading_number(text);
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max()) {
    return kSmtpPort;
  }
  return static_cast<std::uint16_t>(*number);
}

// Where the colon before the port is, or the semicolon that leaves an IPv6 address its colons;
// the end of the text where there is neither.
std::size_t find_port(std::string_view value) {
  const std::size_t semicolon = value.rfind(';');
  if (semicolon != std::string_view::npos && base::parse_u64(value.substr(semicolon + 1))) {
    return semicolon;
  }
  const std::size_t bracket =
      !value.empty() && value.front() == '[' ? value.find(']') : std::string_view::npos;
  return value.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

struct Parts {
  std::string_view relay;
  std::string_view user;
  std::string_view password;
};

std::string_view rest_of(std::string_view text, std::size_t at) {
  return text.substr(std::min(at, text.size()));
}

Parts split_at_bars(std::string_view value, std::size_t bar) {
  const std::string_view login = value.substr(bar + 1);
  const std::size_t second = login.find('|');
  return {value.substr(0, bar), login.substr(0, second),
          second == std::string_view::npos ? std::string_view() : login.substr(second + 1)};
}

// Without a word behind the user, and without a relay in front, blanks are part of a name.
Parts split_at_blanks(std::string_view value) {
  const std::size_t blank = value.find_first_of(kBlanks);
  const std::string_view login = base::trim_start(rest_of(value, blank));
  const std::size_t second = login.find_first_of(kBlanks);
  if (blank == 0 || blank == std::string_view::npos || second == std::string_view::npos) {
    return {value, {}, {}};
  }
  return {value.substr(0, blank), login.substr(0, second),
          base::trim_start(login.substr(second))};
}

}  // namespace

Route parse_route(std::string_view value) {
  const std::size_t bar = value.find('|');
  const Parts parts =
      bar == std::string_view::npos ? split_at_blanks(value) : split_at_bars(value, bar);
  Route route;
  const std::size_t port = find_port(parts.relay);
  route.relay = parts.relay.substr(0, port);
  if (port != std::string_view::npos) {
    route.port = parse_port(parts.relay.substr(port + 1));
  }
  // Whoever the DNS names must not be told a password.
  if (!route.relay.empty()) {
    route.login = proto::SaslLogin(parts.user, parts.password);
  }
  return route;
}

RouteLines::~RouteLines() {
  for (std::string& line : lines_) {
    base::wipe(line);
  }
}

std::optional<std::string_view> RouteLines::find(std::string_view key) const {
  if (key.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto found = std::find_if(lines_.rbegin(), lines_.rend(), [key](std::string_view line) {
    return line.size() > key.size() && line[key.size()] == ':' &&
           base::equal_ci(line.substr(0, key.size()), key);
  });
  if (found == lines_.rend()) {
    return std::nullopt;
  }
  return std::string_view(*found).substr(key.size() + 1);
}

std::optional<Route> SmtpRoutes::find(std::string_view host, std::string_view sender) const {
  std::optional<std::string_view> value;
  if (sender.empty()) {
    value = lines_.find(kNullSender);
  }
  if (!value) {
    value = lines_.find(host);
  }
  for (std::size_t dot = host.find('.'); !value && dot != std::string_view::npos;
       dot = host.find('.', dot + 1)) {
    value = lines_.find(host.substr(dot));
  }
  if (!value) {
    value = lines_.find("");
  }
  return value && !value->empty() ? std::optional(parse_route(*value)) : std::nullopt;
}

std::optional<Route> SenderRoutes::find(std::string_view sender) const {
  auto value = lines_.find(sender);
  for (std::size_t at = sender.find_first_of(".@"); !value && at != std::string_view::npos;
       at = sender.find_first_of(".@", at + 1)) {
    value = lines_.find(sender.substr(at));
  }
  if (!value) {
    value = lines_.find("");
  }
  return value && !value->empty() ? std::optional(parse_route(*value)) : std::nullopt;
}

}  // namespace reqmail::remote
