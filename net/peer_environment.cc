#include "net/peer_environment.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/number.h"
#include "sys/error.h"

namespace reqmail::net {

namespace {

using NameCall = int (*)(int, sockaddr*, socklen_t*);

Result<Endpoint> end_of(int fd, NameCall call) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (call(fd, address.get(), &address.length) != 0) {
    return sys::system_failure("not a connection");
  }
  const auto endpoint = to_endpoint(address.get());
  if (!endpoint) {
    return sys::system_failure("not a TCP connection", EAFNOSUPPORT);
  }
  return *endpoint;
}

void set_or_remove(sys::Environment& environment, std::string_view name,
                   const std::optional<std::string>& value) {
  if (value) {
    environment.set(name, *value);
  } else {
    environment.unset(name);
  }
}

}  // namespace

Result<PeerNames> connection_ends(int fd) {
  const auto remote = end_of(fd, ::getpeername);
  if (!remote) {
    return remote.error();
  }
  const auto local = end_of(fd, ::getsockname);
  if (!local) {
    return local.error();
  }
  PeerNames names;
  names.local = *local;
  names.remote = *remote;
  return names;
}

std::optional<std::string> host_name(const Dns& dns, const IpAddress& address) {
  const auto names = dns.names(address);
  switch (names.status) {
  case LookupStatus::found:
    return names.records.front();
  case LookupStatus::nothing:
  case LookupStatus::leads_nowhere:
    return std::nullopt;
  case LookupStatus::temporary:
    break;
  }
  return std::string(kSoftDnsError);
}

void set_peer_environment(const PeerNames& names, sys::Environment& environment) {
  const bool v4 = names.remote.address.family() == Family::v4;
  environment.set("PROTO", v4 ? "TCP" : "TCP6");
  environment.set("TCPLOCALIP", names.local.address.text());
  environment.set("TCPLOCALPORT", base::decimal(names.local.port));
  set_or_remove(environment, "TCPLOCALHOST", names.local_host);
  environment.set("TCPREMOTEIP", names.remote.address.text());
  environment.set("TCPREMOTEPORT", base::decimal(names.remote.port));
  set_or_remove(environment, "TCPREMOTEHOST", names.remote_host);
  set_or_remove(environment, "TCPREMOTEINFO", names.remote_info);
}

}  // namespace reqmail::net
