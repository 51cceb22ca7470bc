#include "mail/received.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/date822.h"

namespace reqmail::mail {

namespace {

constexpr std::string_view kSafeMarks = ".@%+/=:-";

bool is_safe(char c) {
  return base::is_letter(c) || base::is_digit(c) ||
         kSafeMarks.find(c) != std::string_view::npos;
}

std::string invocation(QueueCaller caller, std::uint64_t uid) {
  switch (caller) {
  case QueueCaller::user:
    return "by uid " + base::decimal(uid);
  case QueueCaller::alias:
    return "by alias";
  case QueueCaller::network:
    return "from network";
  case QueueCaller::bounce:
    break;
  }
  return "for bounce";
}

// Returns the part of the field that begins with the parenthesis which ends the client's part.
std::string by_server(std::string_view local_host, std::string_view protocol, base::Time time) {
  return base::concat(
      {")\n  by ", received_safe(local_host), " with ", protocol, "; ", date822(time), "\n"});
}

}  // namespace

std::string queue_received(std::uint64_t pid, QueueCaller caller, std::uint64_t uid,
                           base::Time time) {
  return base::concat({"Received: (qmail ", base::decimal(pid), " invoked ",
                       invocation(caller, uid), "); ", date822(time), "\n"});
}

std::string network_received(const NetworkPeer& peer, const std::optional<std::string>& helo,
                             std::string_view protocol, base::Time time) {
  std::string line = base::concat({"Received: from ", received_safe(peer.remote_host)});
  if (helo && !base::equal_ci(*helo, peer.remote_host)) {
    line += base::concat({" (HELO ", received_safe(*helo), ")"});
  }
  line += " (";
  if (peer.remote_info) {
    line += base::concat({received_safe(*peer.remote_info), "@"});
  }
  return base::concat(
      {line, received_safe(peer.remote_ip), by_server(peer.local_host, protocol, time)});
}

std::string hidden_client_received(std::string_view user, std::string_view local_host,
                                   std::string_view protocol, base::Time time) {
  return base::concat(
      {"Received: from unknown (", received_safe(user), by_server(local_host, protocol, time)});
}

std::string received_safe(std::string_view text) {
  std::string safe(text);
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return !is_safe(c); }, '?');
  return safe;
}

}  // namespace reqmail::mail
