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

// Returns the packet that has come, and an empty one if none will come any more.
std::optional<std::string> look(int socket, std::size_t size) {
  for (;;) {
    auto packet = sys::receive_packet(socket, size);
    if (packet) {
      return *packet ? std::move((*packet)->bytes) : std::string();
    }
    if (packet.error().error == EAGAIN) {
      return std::nullopt;
    }
    // ECONNRESET means that the other end has closed the connection without having read all; it
    // is reported before a packet that has come.
    if (packet.error().error != ECONNRESET) {
      return std::string();
    }
  }
}

// Waits until there is something to receive. Returns false if nothing comes in time.
bool wait_for_packet(int socket, std::chrono::milliseconds until) {
  sys::Poller poller;
  for (auto now = sys::monotonic(); now < until; now = sys::monotonic()) {
    poller.clear();
    const std::size_t packet = poller.watch_read(socket);
    if (!poller.wait(until - now)) {
      return false;
    }
    if (poller.ready(packet)) {
      return true;
    }
  }
  return false;
}

// Returns whether qmailq does the work of bin/qmail-queue.
bool is_our_program(const std::string& program) {
  const auto version = sys::file_version(base::concat({config::kHome, "/bin/qmail-queue"}));
  return version && program == sys::to_text(*version);
}

}  // namespace

std::optional<ResidentQueue> ResidentQueue::begin(
    const std::optional<std::vector<std::string>>& environment) {
  if (sys::environment_value("QMAILQUEUE") || is_special()) {
    return std::nullopt;
  }
  auto socket = sys::connect_at(base::concat({config::kHome, mail::kQueueSocket}));
  if (!socket) {
    return std::nullopt;
  }
  const mail::QueueOpening opening{std::string(config::kVersion), wishes(environment)};
  if (!sys::send_packet(socket->get(), mail::queue_opening(opening))) {
    return std::nullopt;
  }
  return ResidentQueue(std::move(*socket));
}

ResidentQueue::Greeting ResidentQueue::look_for_greeting() {
  const auto packet = look(socket_.get(), mail::kQueueGreetingMax);
  if (!packet) {
    return Greeting::awaited;
  }
  const auto greeting = mail::parse_queue_greeting(*packet);
  if (!greeting || !is_our_program(greeting->program)) {
    return Greeting::refused;
  }
  number_ = greeting->number;
  sys::ignore_signals({SIGPIPE});
  return Greeting::come;
}

std::optional<ResidentQueue> ResidentQueue::open(
    const std::optional<std::vector<std::string>>& environment) {
  auto queue = begin(environment);
  const auto until = sys::monotonic() + kGreetingLimit;
  while (queue && wait_for_packet(queue->fd(), until)) {
    const Greeting greeting = queue->look_for_greeting();
    if (greeting != Greeting::awaited) {
      return greeting == Greeting::come ? std::move(queue) : std::nullopt;
    }
  }
  return std::nullopt;
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

Result<void> ResidentQueue::try_message(std::string_view bytes, bool is_last) {
  return sys::send_piece(socket_.get(), is_last ? mail::kLastMessagePiece : mail::kMessagePiece,
                         bytes);
}

Result<void> ResidentQueue::try_envelope(std::string_view bytes) {
  return sys::send_piece(socket_.get(), mail::kEnvelopePiece, bytes);
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

void ResidentQueue::end() {
  sys::end_writing(socket_.get());
}

std::optional<base::ProgramEnd> ResidentQueue::look_for_result() {
  const auto packet = look(socket_.get(), mail::kQueueResultMax);
  if (!packet) {
    return std::nullopt;
  }
  const auto code = mail::parse_queue_result(*packet);
  return code ? base::ProgramEnd{.crashed = false, .code = *code} : kGone;
}

base::ProgramEnd ResidentQueue::finish() {
  end();
  const auto until = sys::monotonic() + kResultLimit;
  std::optional<base::ProgramEnd> result;
  while (!result && wait_for_packet(socket_.get(), until)) {
    result = look_for_result();
  }
  socket_.close();
  return result.value_or(kGone);
}

}  // namespace reqmail::submit
