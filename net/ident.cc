#include "net/ident.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "net/connect.h"
#include "net/socket_connection.h"
#include "sys/clock.h"

namespace reqmail::net {

namespace {

// Returns the name in the first line from the connection. Reading also ends when the name has
// the maximum length.
std::optional<std::string> read_name(sys::Connection& connection) {
  std::string answer;
  std::array<char, 512> buffer = {};
  while (answer.size() < kIdentAnswerMax) {
    const auto count = connection.read(buffer.data(), buffer.size());
    if (!count || *count == 0) {
      return std::nullopt;
    }
    answer.append(buffer.data(), *count);
    const std::size_t newline = answer.find('\n');
    std::string name = parse_ident(std::string_view(answer).substr(0, newline));
    if (newline != std::string::npos || name.size() == kIdentNameMax) {
      return name;
    }
  }
  return parse_ident(answer);
}

}  // namespace

std::string parse_ident(std::string_view line) {
  for (int colons = 0; colons < 3; ++colons) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return {};
    }
    line.remove_prefix(colon + 1);
  }
  std::string name(line.substr(0, line.find('\0')));
  std::erase_if(name, [](char c) { return base::is_blank(c) || c == '\r'; });
  name.resize(std::min(name.size(), kIdentNameMax));
  return name;
}

std::optional<std::string> ask_ident(const Endpoint& local, const Endpoint& remote,
                                     base::Seconds timeout) {
  const auto end = sys::monotonic() + timeout;
  auto socket = connect_to(remote.address, kIdentPort, timeout, local.address);
  if (!socket) {
    return std::nullopt;
  }
  const auto left = std::chrono::ceil<base::Seconds>(end - sys::monotonic());
  SocketConnection connection(std::move(*socket), timeout, left);
  const std::string question =
      base::concat({base::decimal(remote.port), " , ", base::decimal(local.port), "\r\n"});
  if (!connection.write(question)) {
    return std::nullopt;
  }
  return read_name(connection);
}

}  // namespace reqmail::net
