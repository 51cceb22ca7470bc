#include "net/peer_environment.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/number.h"
#include "base/text.h"
#include "sys/error.h"
#include "sys/side_work.h"
#include "sys/stream.h"

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

// For each name the child writes a byte that says whether the name exists, the name, and a byte
// that ends it. Names do not contain these bytes.
constexpr std::string_view kNamed = "+";
constexpr std::string_view kNameless = "-";
constexpr std::string_view kEnd = "\n";

// Returns the next name that the child has written, or kSoftDnsError if it has written no more.
std::optional<std::string> take_name(std::string_view& said) {
  const std::size_t end = said.find(kEnd);
  if (end == std::string_view::npos) {
    return std::string(kSoftDnsError);
  }
  const std::string_view name = said.substr(0, end);
  said.remove_prefix(end + kEnd.size());
  if (!name.starts_with(kNamed)) {
    return std::nullopt;
  }
  return std::string(name.substr(kNamed.size()));
}

// Returns whether the addresses of a host include this one.
bool has_address(const Dns& dns, const std::string& host, const base::IpAddress& address) {
  const auto name = DnsName::from_text(host);
  if (!name) {
    return false;
  }
  const auto found = dns.addresses(*name, address.family());
  return found.status == LookupStatus::found &&
         std::find(found.records.begin(), found.records.end(), address) != found.records.end();
}

void write_name(int fd, const std::optional<std::string>& name) {
  (void)sys::write_all(fd, base::concat({name ? kNamed : kNameless, name.value_or(""), kEnd}));
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

std::optional<std::string> host_name(const Dns& dns, const base::IpAddress& address) {
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

void find_host_names(PeerNames& names, DnsTransport& transport, std::chrono::milliseconds limit,
                     const NameQuestions& questions) {
  const std::string found = sys::output_of_side_work(
      [&](int fd) {
        const Dns dns(transport);
        if (questions.local) {
          write_name(fd, host_name(dns, names.local.address));
        }
        if (!questions.remote) {
          return;
        }
        auto name = host_name(dns, names.remote.address);
        if (questions.verify_remote && name && !has_address(dns, *name, names.remote.address)) {
          name.reset();
        }
        write_name(fd, name);
      },
      limit);
  std::string_view rest = found;
  if (questions.local) {
    names.local_host = take_name(rest);
  }
  if (questions.remote) {
    names.remote_host = take_name(rest);
  }
}

void set_peer_environment(const PeerNames& names, sys::Environment& environment) {
  const bool v4 = names.remote.address.family() == base::Family::v4;
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
