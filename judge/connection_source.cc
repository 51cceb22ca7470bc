#include "judge/connection_source.h"

#include <cerrno>
#include <utility>

#include "net/listen_path.h"
#include "sys/packets.h"

namespace reqmail::judge {

namespace {

Result<std::optional<sys::Fd>> accept_from(int listener) {
  auto connection = net::accept_connection(listener);
  if (!connection) {
    return connection.error();
  }
  return std::optional(*std::move(connection));
}

Result<std::optional<sys::Fd>> receive_from(int socket) {
  auto packet = sys::receive_packet(socket, 1);
  if (!packet) {
    return packet.error();
  }
  if (!*packet) {
    return std::optional<sys::Fd>();
  }
  if (!(*packet)->descriptor.valid()) {
    return temporary("a request without a connection", EPROTO);
  }
  return std::optional(std::move((*packet)->descriptor));
}

}  // namespace

Result<std::optional<sys::Fd>> ConnectionSource::take() const {
  return kind_ == SourceKind::listening ? accept_from(descriptor_) : receive_from(descriptor_);
}

}  // namespace reqmail::judge
