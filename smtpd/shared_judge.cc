#include "smtpd/shared_judge.h"

#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "sys/clock.h"
#include "sys/packets.h"
#include "sys/poller.h"

namespace reqmail::smtpd {

namespace {

// Only few requests can wait at a time, and one that works takes them at once.
constexpr std::chrono::milliseconds kPatience{100};

// Waits for room.
Result<void> send_request(int socket, int connection) {
  const auto end = sys::monotonic() + kPatience;
  for (;;) {
    auto sent = sys::send_packet(socket, std::string_view(&kJudgeRequest, 1), connection);
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

Result<sys::Fd> connect_to_shared_judge(int socket) {
  auto ends = sys::make_socket_pair();
  if (!ends) {
    return ends.error();
  }
  if (auto sent = send_request(socket, ends->other.get()); !sent) {
    return sent.error();
  }
  sys::set_nonblocking(ends->one.get());
  return std::move(ends->one);
}

}  // namespace reqmail::smtpd
