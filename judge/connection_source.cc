#include "judge/connection_source.h"

#include <cerrno>
#include <utility>

#include "base/ip_address.h"
#include "net/listen_path.h"
#include "sys/packets.h"

namespace reqmail::judge {

namespace {

Result<std::optional<Connection>> accept_from(int listener) {
  auto connection = net::accept_connection(listener);
  if (!connection) {
    return connection.error();
  }
  return std::optional(Connection{*std::move(connection), std::nullopt});
}

Result<std::optional<Connection>> receive_from(int socket) {
  auto packet = sys::receive_packet(socket, kRequestMax);
  if (!packet) {
    return packet.error();
  }
  if (!*packet) {
    return std::optional<Connection>();
  }
  if (!(*packet)->descriptor.valid()) {
    return temporary("a request without a connection", EPROTO);
  }
  return std::optional(
      Connection{std::move((*packet)->descriptor),
                 client_address(std::string_view((*packet)->bytes).substr(1))});
}

}  // namespace

std::string client_address(std::string_view text) {
  const auto address = base::IpAddress::parse(text);
  return address ? address->text() : std::string();
}

Result<std::optional<Connection>> ConnectionSource::take() const {
  return kind_ == SourceKind::listening ? accept_from(descriptor_) : receive_from(descriptor_);
}

}  // namespace reqmail::judge
