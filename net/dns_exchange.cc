#include "net/dns_exchange.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "net/socket_address.h"

namespace reqmail::net {

namespace {

std::optional<std::uint16_t> random_id() {
  std::uint16_t id = 0;
  return ::getentropy(&id, sizeof id) == 0 ? std::optional(id) : std::nullopt;
}

// Returns the query in the form of TCP (RFC 1035 section 4.2.2).
std::string with_length(const std::string& message) {
  constexpr unsigned kByte = 0xff;
  const auto size = static_cast<unsigned>(message.size());
  std::string framed;
  framed.push_back(static_cast<char>(size >> 8 & kByte));
  framed.push_back(static_cast<char>(size & kByte));
  return framed + message;
}

// Returns the length at the beginning of what has come over TCP; nullopt if it is incomplete.
std::optional<std::size_t> framed_length(std::string_view received) {
  if (received.size() < 2) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(static_cast<unsigned char>(received[0]) << 8 |
                                  static_cast<unsigned char>(received[1]));
}

bool would_wait() {
  return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS;
}

// Connecting the socket makes the kernel choose a random port and drop datagrams from other
// senders.
sys::Fd connected_socket(const Endpoint& server, bool tcp) {
  const int family = server.address.family() == base::Family::v4 ? AF_INET : AF_INET6;
  const int kind = tcp ? SOCK_STREAM : SOCK_DGRAM;
  sys::Fd socket(::socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const SocketAddress address = to_socket_address(server);
  if (!socket.valid() ||
      (::connect(socket.get(), address.get(), address.length) != 0 && !would_wait())) {
    return {};
  }
  return socket;
}

}  // namespace

DnsExchange::DnsExchange(const DnsServers& servers, DnsName name, DnsType type,
                         std::chrono::milliseconds now)
    : servers_(servers), name_(std::move(name)), type_(type), due_(now) {
  ask_next(now);
}

void DnsExchange::ask_next(std::chrono::milliseconds now) {
  const std::size_t count = servers_.servers.size();
  while (asked_ < count * servers_.rounds) {
    const std::size_t server = asked_++ % count;
    due_ = now + servers_.patience;
    if (start(server, false, true)) {
      return;
    }
  }
  if (attempts_.empty() && more_.empty()) {
    finish(std::nullopt);
  }
}

bool DnsExchange::start(std::size_t server, bool tcp, bool edns) {
  const auto id = random_id();
  Attempt attempt;
  attempt.socket = connected_socket(servers_.servers[server], tcp);
  if (!id || !attempt.socket.valid()) {
    return false;
  }
  attempt.server = server;
  attempt.id = *id;
  attempt.edns = edns;
  attempt.tcp = tcp;
  const std::string query = dns_query(*id, name_, type_, edns, servers_.wants_verification);
  if (tcp) {
    attempt.unsent = with_length(query);
  } else if (::send(attempt.socket.get(), query.data(), query.size(), MSG_NOSIGNAL) < 0) {
    return false;
  }
  more_.push_back(std::move(attempt));
  return true;
}

void DnsExchange::watch(sys::Poller& poller) {
  std::move(more_.begin(), more_.end(), std::back_inserter(attempts_));
  more_.clear();
  for (Attempt& attempt : attempts_) {
    attempt.watched = attempt.unsent.empty() ? poller.watch_read(attempt.socket.get())
                                             : poller.watch_write(attempt.socket.get());
  }
}

void DnsExchange::proceed(const sys::Poller& poller, std::chrono::milliseconds now) {
  bool ended = false;
  for (std::size_t at = 0; at < attempts_.size() && !over_;) {
    if (!poller.ready(attempts_[at].watched) || proceed(attempts_[at])) {
      ++at;
      continue;
    }
    attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(at));
    ended = true;
  }
  if (over_) {
    return;
  }
  if (now >= due_ && asked_ >= servers_.servers.size() * servers_.rounds) {
    finish(std::nullopt);
  } else if (now >= due_ || (ended && more_.empty())) {
    ask_next(now);
  }
}

bool DnsExchange::proceed(Attempt& attempt) {
  if (attempt.tcp) {
    return proceed_by_tcp(attempt);
  }
  // On the stack, all pages of it would be touched, since the compiler probes large frames.
  const auto buffer = std::make_unique_for_overwrite<char[]>(kDnsMessageMax);
  const auto count = ::recv(attempt.socket.get(), buffer.get(), kDnsMessageMax, 0);
  if (count < 0) {
    return would_wait();
  }
  return take(attempt, std::string(buffer.get(), static_cast<std::size_t>(count)));
}

bool DnsExchange::proceed_by_tcp(Attempt& attempt) {
  if (!attempt.unsent.empty()) {
    const auto count = ::send(attempt.socket.get(), attempt.unsent.data(),
                              attempt.unsent.size(), MSG_NOSIGNAL);
    if (count < 0) {
      return would_wait();
    }
    attempt.unsent.erase(0, static_cast<std::size_t>(count));
    return true;
  }
  std::array<char, 4096> buffer;
  const auto count = ::recv(attempt.socket.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    return count < 0 && would_wait();
  }
  attempt.received.append(buffer.data(), static_cast<std::size_t>(count));
  const auto length = framed_length(attempt.received);
  if (!length || attempt.received.size() < *length + 2) {
    return true;
  }
  return take(attempt, attempt.received.substr(2, *length));
}

// A datagram that is not a reply to this query may be forged, so the exchange goes on waiting
// for the true reply.
bool DnsExchange::take(Attempt& attempt, const std::string& message) {
  const auto head = match_dns_reply(message, attempt.id, name_, type_);
  if (!head) {
    return !attempt.tcp;
  }
  if (head->code == DnsCode::format_error && attempt.edns) {
    // An old server without EDNS0 answers such a query with a format error.
    (void)start(attempt.server, attempt.tcp, false);
    return false;
  }
  if (head->truncated && !attempt.tcp) {
    (void)start(attempt.server, true, attempt.edns);
    return false;
  }
  auto answer = parse_dns_answer(message);
  if (answer && (answer->code == DnsCode::no_error || answer->code == DnsCode::no_such_name)) {
    finish(std::move(answer));
  }
  return false;
}

void DnsExchange::finish(std::optional<DnsAnswer> answer) {
  over_ = true;
  answer_ = std::move(answer);
}

}  // namespace reqmail::net
