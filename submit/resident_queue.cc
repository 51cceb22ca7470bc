#include "submit/resident_queue.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/text.h"
#include "config.h"
#include "mail/queue_service.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/file_version.h"
#include "sys/local_socket.h"
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/signals.h"

namespace reqmail::submit {

namespace {

// How long qmailq has to answer before qmail-queue is executed.
constexpr std::chrono::milliseconds kGreetingLimit{1000};

// qmailq ends a message after a day, as qmail-queue does; this is for one that is stopped.
constexpr std::chrono::milliseconds kResultLimit = std::chrono::hours(25);

// What a qmail-queue that was killed would have.
constexpr base::ProgramEnd kGone{.crashed = true, .code = SIGKILL};

constexpr std::string_view kWishes = "QMAILDSN=";

// Returns whether a program that this process executes would differ from qmailq in what counts.
bool is_special() {
  rlimit limit = {};
  return ::getuid() != ::geteuid() || ::getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
         limit.rlim_cur != RLIM_INFINITY;
}

std::string wishes(const std::optional<std::vector<std::string>>& environment) {
  if (!environment) {
    return sys::environment_value("QMAILDSN").value_or("");
  }
  const auto found = std::find_if(environment->begin(), environment->end(),
                                  [](const auto& one) { return one.starts_with(kWishes); });
  return found == environment->end() ? std::string() : found->substr(kWishes.size());
}

// Waits until a packet has come. Returns nullopt if none comes in time or the other end has
// closed the connection.
std::optional<std::string> receive(int socket, std::size_t size,
                                   std::chrono::milliseconds limit) {
  const auto until = sys::monotonic() + limit;
  sys::Poller poller;
  for (;;) {
    auto packet = sys::receive_packet(socket, size);
    if (packet) {
      return *packet ? std::optional(std::move((*packet)->bytes)) : std::nullopt;
    }
    const auto now = sys::monotonic();
    // ECONNRESET means that the other end has closed the connection without having read all; it
    // is reported before a packet that has come.
    if (packet.error().error == ECONNRESET) {
      continue;
    }
    if (packet.error().error != EAGAIN || now >= until) {
      return std::nullopt;
    }
    poller.clear();
    (void)poller.watch_read(socket);
    if (!poller.wait(until - now)) {
      return std::nullopt;
    }
  }
}

// Returns the number of the message if qmailq is there and does the work of bin/qmail-queue.
std::optional<std::uint64_t> greet(int socket, std::string wishes) {
  const mail::QueueOpening opening{std::string(config::kVersion), std::move(wishes)};
  if (!sys::send_packet(socket, mail::queue_opening(opening))) {
    return std::nullopt;
  }
  const auto packet = receive(socket, mail::kQueueGreetingMax, kGreetingLimit);
  const auto greeting = packet ? mail::parse_queue_greeting(*packet) : std::nullopt;
  const auto program = sys::file_version(base::concat({config::kHome, "/bin/qmail-queue"}));
  if (!greeting || !program || greeting->program != sys::to_text(*program)) {
    return std::nullopt;
  }
  return greeting->number;
}

}  // namespace

std::optional<ResidentQueue> ResidentQueue::open(
    const std::optional<std::vector<std::string>>& environment) {
  if (sys::environment_value("QMAILQUEUE") || is_special()) {
    return std::nullopt;
  }
  auto socket = sys::connect_at(base::concat({config::kHome, mail::kQueueSocket}));
  if (!socket) {
    return std::nullopt;
  }
  const auto number = greet(socket->get(), wishes(environment));
  if (!number) {
    return std::nullopt;
  }
  sys::ignore_signals({SIGPIPE});
  return ResidentQueue(std::move(*socket), *number);
}

Result<void> ResidentQueue::send(char kind, std::string_view bytes) {
  for (;;) {
    auto sent = sys::send_piece(socket_.get(), kind, bytes);
    if (sent || sent.error().error != EAGAIN) {
      return sent;
    }
    sys::Poller poller;
    (void)poller.watch_write(socket_.get());
    if (auto waited = poller.wait(); !waited) {
      return waited;
    }
  }
}

Result<void> ResidentQueue::message(std::string_view bytes, bool is_last) {
  while (bytes.size() > mail::kQueuePieceMax) {
    if (auto sent = send(mail::kMessagePiece, bytes.substr(0, mail::kQueuePieceMax)); !sent) {
      return sent;
    }
    bytes.remove_prefix(mail::kQueuePieceMax);
  }
  return send(is_last ? mail::kLastMessagePiece : mail::kMessagePiece, bytes);
}

Result<void> ResidentQueue::envelope(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, mail::kQueuePieceMax);
    if (auto sent = send(mail::kEnvelopePiece, piece); !sent) {
      return sent;
    }
    bytes.remove_prefix(piece.size());
  }
  return {};
}

base::ProgramEnd ResidentQueue::finish() {
  sys::end_writing(socket_.get());
  const auto packet = receive(socket_.get(), mail::kQueueResultMax, kResultLimit);
  socket_.close();
  const auto code = packet ? mail::parse_queue_result(*packet) : std::nullopt;
  return code ? base::ProgramEnd{.crashed = false, .code = *code} : kGone;
}

}  // namespace reqmail::submit
