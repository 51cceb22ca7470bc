#include "judge/connection_source.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "judge/frames.h"
#include "judge/protocol.h"
#include "net/listen_path.h"
#include "sys/descriptor_io.h"
#include "sys/packets.h"

namespace reqmail::judge {

namespace {

// Words that are no address are nobody's: other clients may be called that too.
std::string address_of(std::string_view text) {
  const auto address = base::IpAddress::parse(text);
  return address ? address->text() : std::string();
}

// A session says who its client is as soon as it has connected.
constexpr std::chrono::milliseconds kIntroduction{5};

// Returns the client of the settings with which a session begins, and which stay for whoever
// serves it. It is empty if they have not come, or not in one piece.
std::string client_of(int connection) {
  std::array<char, 2048> room{};
  if (!sys::wait_readable(connection, kIntroduction)) {
    return {};
  }
  const auto count = sys::peek_some(connection, room.data(), room.size());
  FrameSplitter frames;
  frames.feed(std::string_view(room.data(), count ? *count : 0));
  const auto frame = frames.next();
  const auto settings = frame ? decode_settings(*frame) : std::nullopt;
  return settings ? address_of(settings->client) : std::string();
}

Result<std::optional<Connection>> accept_from(int listener) {
  auto connection = net::accept_connection(listener);
  if (!connection) {
    return connection.error();
  }
  std::string client = client_of(connection->get());
  return std::optional(Connection{*std::move(connection), std::move(client)});
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
  return std::optional(Connection{std::move((*packet)->descriptor),
                                  address_of(std::string_view((*packet)->bytes).substr(1))});
}

}  // namespace

Result<std::optional<Connection>> ConnectionSource::take() const {
  return kind_ == SourceKind::listening ? accept_from(descriptor_) : receive_from(descriptor_);
}

}  // namespace reqmail::judge
