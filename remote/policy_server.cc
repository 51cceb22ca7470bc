#include "remote/policy_server.h"

#include <array>
#include <cerrno>
#include <optional>

#include "filter/socketmap.h"
#include "net/connect.h"
#include "net/connect_path.h"
#include "net/hosts_file.h"
#include "net/socket_connection.h"
#include "sys/error.h"

namespace reqmail::remote {

namespace {

using filter::ServiceLine;
using filter::SocketmapAnswer;

bool is_of_kind(const base::IpAddress& address, ServiceLine::Kind kind) {
  return (address.family() == base::Family::v4) == (kind == ServiceLine::Kind::inet);
}

Result<sys::Fd> connect(const ServiceLine& service, base::Seconds time) {
  if (service.kind == ServiceLine::Kind::unix_socket) {
    return net::connect_to_path(service.host, time);
  }
  for (const base::IpAddress& address : net::local_addresses_of(service.host)) {
    if (is_of_kind(address, service.kind)) {
      return net::connect_to(address, service.port, time);
    }
  }
  return sys::system_failure("no address", EADDRNOTAVAIL);
}

// An answer without an end is none.
SocketmapAnswer read_answer(sys::Connection& server) {
  filter::SocketmapReader reader;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto count = server.read(buffer.data(), buffer.size());
    if (!count || *count == 0) {
      return {};
    }
    if (auto answer = reader.feed(std::string_view(buffer.data(), *count))) {
      return *std::move(answer);
    }
  }
}

SocketmapAnswer ask(const filter::SocketmapPlace& place, const std::string& domain,
                    base::Seconds time) {
  auto socket = connect(place.service, time);
  if (!socket) {
    return {};
  }
  net::SocketConnection server(std::move(*socket), time, time);
  if (!server.write(filter::socketmap_request(place.map, domain))) {
    return {};
  }
  return read_answer(server);
}

}  // namespace

Result<DomainPolicy> ask_policy_server(std::string_view place, const std::string& domain,
                                       base::Seconds time) {
  const auto parsed = filter::parse_socketmap_place(place);
  if (!parsed) {
    return policy_unknown(domain);
  }
  const SocketmapAnswer answer = ask(*parsed, domain, time);
  switch (answer.status) {
  case SocketmapAnswer::Status::not_found:
    return DomainPolicy();
  case SocketmapAnswer::Status::found:
    if (auto policy = parse_policy(answer.value)) {
      return policy;
    }
    break;
  case SocketmapAnswer::Status::failed:
    break;
  }
  return policy_unknown(domain);
}

}  // namespace reqmail::remote
