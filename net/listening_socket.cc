#include "net/listening_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "net/dns_libresolv.h"
#include "net/hosts_file.h"
#include "net/services_file.h"
#include "sys/error.h"

namespace reqmail::net {

namespace {

void switch_on(int socket, int level, int option) {
  const int on = 1;
  (void)::setsockopt(socket, level, option, &on, sizeof on);
}

Failure no_address(const std::string& host) {
  return permanent(base::concat({"no IP address for ", host}));
}

Result<base::IpAddress> address_of_name(const std::string& host) {
  const auto known = local_addresses_of(host);
  const auto v4 = std::find_if(known.begin(), known.end(), [](const base::IpAddress& address) {
    return address.family() == base::Family::v4;
  });
  if (v4 != known.end()) {
    return *v4;
  }
  const auto name = DnsName::from_text(host);
  if (!name) {
    return no_address(host);
  }
  SystemDns transport;
  const auto found = Dns(transport).addresses(*name, base::Family::v4);
  switch (found.status) {
  case LookupStatus::found:
    return found.records.front();
  case LookupStatus::nothing:
  case LookupStatus::leads_nowhere:
    return no_address(host);
  case LookupStatus::temporary:
    break;
  }
  return temporary(base::concat({"temporarily unable to figure out IP address for ", host}));
}

}  // namespace

Result<ListeningSocket> ListeningSocket::open(const Endpoint& endpoint, unsigned backlog) {
  const bool v6 = endpoint.address.family() == base::Family::v6;
  sys::Fd socket(
      ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return sys::system_failure("unable to create socket");
  }
  switch_on(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  if (v6) {
    switch_on(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  }
  const SocketAddress address = to_socket_address(endpoint);
  if (::bind(socket.get(), address.get(), address.length) != 0) {
    return sys::system_failure("unable to bind");
  }
  const auto local = local_endpoint(socket.get());
  if (!local) {
    return sys::system_failure("unable to get local address");
  }
  constexpr unsigned kMost = std::numeric_limits<int>::max();
  if (::listen(socket.get(), static_cast<int>(std::min(backlog, kMost))) != 0) {
    return sys::system_failure("unable to listen");
  }
  return ListeningSocket(std::move(socket), *local);
}

Result<ListeningSocket> ListeningSocket::inherited(int descriptor) {
  const auto local = local_endpoint(descriptor);
  if (!local) {
    return sys::system_failure("unable to get local address");
  }
  return ListeningSocket(sys::Fd(descriptor), *local);
}

Result<AcceptedConnection> ListeningSocket::accept() const {
  SocketAddress address;
  address.length = sizeof address.storage;
  sys::Fd socket(::accept4(socket_.get(), address.get(), &address.length, SOCK_CLOEXEC));
  if (!socket.valid()) {
    return sys::system_failure("unable to accept a connection");
  }
  const auto remote = to_endpoint(address.get());
  if (!remote) {
    return sys::system_failure("unable to accept a connection", EAFNOSUPPORT);
  }
  return AcceptedConnection{std::move(socket), *remote};
}

Result<base::IpAddress> listening_address(const std::string& host) {
  if (host.empty() || host == "0") {
    return base::IpAddress();
  }
  if (const auto address = base::IpAddress::parse(host)) {
    return *address;
  }
  return address_of_name(host);
}

Result<std::uint16_t> listening_port(const std::string& text) {
  const auto number = base::parse_u64(text);
  if (number && *number <= std::numeric_limits<std::uint16_t>::max()) {
    return static_cast<std::uint16_t>(*number);
  }
  const auto service = number ? std::nullopt : tcp_port_of_service(text);
  if (!service) {
    return permanent(base::concat({"unable to figure out port number for ", text}));
  }
  return *service;
}

void remove_ip_options(int socket) {
  (void)::setsockopt(socket, IPPROTO_IP, IP_OPTIONS, nullptr, 0);
}

}  // namespace reqmail::net
