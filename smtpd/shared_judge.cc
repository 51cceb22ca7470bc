#include "smtpd/shared_judge.h"

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "judge/connection_source.h"
#include "sys/clock.h"
#include "sys/packets.h"
#include "sys/poller.h"

namespace reqmail::smtpd {

namespace {

// Only few requests can wait at a time, and one that works takes them at once.
constexpr std::chrono::milliseconds kPatience{100};

// Waits for room.
Result<void> send_request(int socket, std::string_view request, int connection) {
  const auto end = sys::monotonic() + kPatience;
  for (;;) {
    auto sent = sys::send_packet(socket, request, connection);
    const auto now = sys::monotonic();
    if (sent || sent.error().error != EAGAIN || now >= end) {
      return sent;
    }
    sys::Poller poller;
    (void)poller.watch_write(socket);
    (void)poller.wait(end - now);
  }
}

}  // namespace

Result<sys::Fd> connect_to_shared_judge(int socket, std::string_view client) {
  auto ends = sys::make_socket_pair();
  if (!ends) {
    return ends.error();
  }
  std::string request(1, kJudgeRequest);
  if (client.size() < judge::kRequestMax) {
    request.append(client);
  }
  if (auto sent = send_request(socket, request, ends->other.get()); !sent) {
    return sent.error();
  }
  sys::set_nonblocking(ends->one.get());
  return std::move(ends->one);
}

}  // namespace reqmail::smtpd
