#include "net/services_file.h"

#include <cstddef>
#include <limits>
#include <string>

#include "base/number.h"
#include "base/text.h"
#include "base/words.h"
#include "sys/file.h"

namespace reqmail::net {

namespace {

constexpr std::size_t kServicesFileMax = std::size_t{4} << 20;

// Returns the port of "25/tcp".
std::optional<std::uint16_t> tcp_port(std::string_view word) {
  const std::size_t slash = word.find('/');
  const auto number = base::parse_u64(word.substr(0, slash));
  if (slash == std::string_view::npos || word.substr(slash) != "/tcp" || !number ||
      *number > std::numeric_limits<std::uint16_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(*number);
}

// The name comes first, and its aliases follow the port.
std::optional<std::uint16_t> port_in_line(std::string_view line, std::string_view name) {
  const std::string_view first = base::take_word(line);
  const auto port = tcp_port(base::take_word(line));
  for (std::string_view word = first; port && !word.empty(); word = base::take_word(line)) {
    if (word == name) {
      return port;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint16_t> tcp_port_in_services(std::string_view text,
                                                  std::string_view name) {
  for (const std::string_view line : base::lines(text)) {
    if (const auto port = port_in_line(line.substr(0, line.find('#')), name)) {
      return port;
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> tcp_port_of_service(std::string_view name) {
  const auto text = sys::read_file("/etc/services", kServicesFileMax);
  return text ? tcp_port_in_services(*text, name) : std::nullopt;
}

}  // namespace reqmail::net
