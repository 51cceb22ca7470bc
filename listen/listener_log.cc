#include "listen/listener_log.h"

#include <cstdint>
#include <optional>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::listen {

namespace {

constexpr std::string_view kProgram = "tcpserver: ";
constexpr std::size_t kNameMax = 100;

// A colon separates fields, and some loggers interpret '%'.
std::string name(const std::optional<std::string>& given) {
  if (!given) {
    return {};
  }
  const bool cut = given->size() >= kNameMax;
  std::string shown = base::printable(std::string_view(*given).substr(0, kNameMax));
  for (char& c : shown) {
    if (c == ':' || c == '%') {
      c = '?';
    }
  }
  return cut ? shown + "..." : shown;
}

std::string number(std::size_t value) {
  return base::decimal(value);
}

std::string process_number(pid_t process) {
  return base::decimal(static_cast<std::uint64_t>(process));
}

}  // namespace

std::string status_line(std::size_t count, std::size_t limit) {
  return base::concat({kProgram, "status: ", number(count), "/", number(limit), "\n"});
}

std::string begin_line(pid_t process, const base::IpAddress& client) {
  return base::concat(
      {kProgram, "pid ", process_number(process), " from ", client.text(), "\n"});
}

std::string decision_line(bool denied, pid_t process, const net::PeerNames& peer) {
  return base::concat({kProgram, denied ? "deny " : "ok ", process_number(process), " ",
                       name(peer.local_host), ":", peer.local.address.text(), ":",
                       base::decimal(peer.local.port), " ", name(peer.remote_host), ":",
                       peer.remote.address.text(), ":", name(peer.remote_info), ":",
                       base::decimal(peer.remote.port), "\n"});
}

std::string end_line(pid_t process, int wait_status) {
  return base::concat({kProgram, "end ", process_number(process), " status ",
                       base::decimal(static_cast<std::uint64_t>(wait_status)), "\n"});
}

std::string drop_line(std::string_view why) {
  return base::concat({kProgram, "warning: dropping connection, ", why, "\n"});
}

std::string crowd_line(std::string_view place, std::size_t count, std::size_t limit) {
  return base::concat({kProgram, "warning: too many connections from ", place, ": ",
                       number(count), "/", number(limit), "\n"});
}

}  // namespace reqmail::listen
