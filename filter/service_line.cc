#include "filter/service_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bad_line.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::filter {

namespace {

// A longer path is no address of a socket.
constexpr std::size_t kPathMax = 107;
constexpr std::uint64_t kPortMax = 65535;
constexpr std::uint64_t kTimeoutMax = 86400;

constexpr std::array<std::string_view, 3> kMilterFallbacks = {"tempfail", "accept", "reject"};
constexpr std::array<std::string_view, 2> kPolicyFallbacks = {"dunno", "defer"};

Failure nonsense(std::string_view why) {
  return permanent(std::string(why));
}

Result<void> read_place(std::string_view place, ServiceLine& line) {
  const std::size_t colon = place.find(':');
  const std::string_view kind = place.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : place.substr(colon + 1);
  if (kind == "unix") {
    if (!rest.starts_with('/') || rest.size() > kPathMax) {
      return nonsense("no path of a socket");
    }
    line.host = rest;
    return {};
  }
  if (kind != "inet" && kind != "inet6") {
    return nonsense("neither unix: nor inet: nor inet6:");
  }
  line.kind = kind == "inet" ? ServiceLine::Kind::inet : ServiceLine::Kind::inet6;
  const std::size_t last = rest.rfind(':');
  if (last == std::string_view::npos || last == 0) {
    return nonsense("no host and port");
  }
  const auto port = base::parse_u64(rest.substr(last + 1));
  if (!port || *port == 0 || *port > kPortMax) {
    return nonsense("no port");
  }
  std::string_view host = rest.substr(0, last);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  line.host = host;
  line.port = static_cast<std::uint16_t>(*port);
  return {};
}

Result<void> read_option(std::string_view option, std::span<const std::string_view> fallbacks,
                         ServiceLine& line) {
  const std::size_t equals = option.find('=');
  const std::string_view name = option.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1);
  if (name == "default") {
    if (std::find(fallbacks.begin(), fallbacks.end(), value) == fallbacks.end()) {
      return nonsense("unknown default");
    }
    line.fallback = value;
    return {};
  }
  if (name == "timeout") {
    const auto seconds = base::parse_u64(value);
    if (!seconds || *seconds == 0 || *seconds > kTimeoutMax) {
      return nonsense("no timeout");
    }
    line.timeout = base::Seconds(static_cast<std::int64_t>(*seconds));
    return {};
  }
  return nonsense("unknown option");
}

}  // namespace

Result<ServiceLine> parse_service_line(std::string_view text,
                                       std::span<const std::string_view> fallbacks) {
  ServiceLine line;
  line.fallback = fallbacks.front();
  bool first = true;
  for (const std::string_view part : base::split(text, ',')) {
    const auto read = first ? read_place(part, line) : read_option(part, fallbacks, line);
    if (!read) {
      return read.error();
    }
    if (first) {
      line.place = part;
    }
    first = false;
  }
  return line;
}

std::vector<ServiceLine> parse_service_lines(const std::vector<std::string>& lines,
                                             std::string_view where,
                                             std::span<const std::string_view> fallbacks,
                                             std::vector<std::string>& faults) {
  std::vector<ServiceLine> services;
  for (const std::string& text : lines) {
    auto line = parse_service_line(text, fallbacks);
    if (line) {
      services.push_back(std::move(*line));
    } else {
      faults.push_back(base::bad_line_message(where, {text, line.error().text}));
    }
  }
  return services;
}

std::span<const std::string_view> milter_fallbacks() {
  return kMilterFallbacks;
}

std::span<const std::string_view> policy_fallbacks() {
  return kPolicyFallbacks;
}

}  // namespace reqmail::filter
