#include "queue/resident.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>
#include <vector>

#include "mail/queue_service.h"
#include "mail/verdict_codec.h"
#include "sys/clock.h"
#include "sys/local_socket.h"
#include "sys/packets.h"

namespace reqmail::queue {

namespace {

namespace exits = mail::queue_exit;

// A client that says nothing for so long after it has connected is none.
constexpr std::chrono::milliseconds kOpeningLimit{10'000};

// How many pieces of one message are taken before others get their turn.
constexpr int kPiecesAtOnce = 8;

// How long no connection is taken after one could not be.
constexpr std::chrono::milliseconds kPause{500};

static_assert(mail::kQueuePieceMax <= Acceptance::kRoomMax);

}  // namespace

Result<void> Resident::run() {
  while (!is_ending() || !connections_.empty()) {
    if (auto waited = wait(); !waited) {
      return waited;
    }
  }
  return {};
}

// Waits for an event and serves all that have come.
Result<void> Resident::wait() {
  Clock now = sys::monotonic();
  poller_.clear();
  const std::size_t syncs = poller_.watch_read(threads_.fd());
  std::vector<std::size_t> ending;
  std::optional<std::size_t> listener;
  if (!is_ending()) {
    for (const int request : settings_.end_requests) {
      ending.push_back(poller_.watch_read(request));
    }
    if (now >= no_connections_until_) {
      listener = poller_.watch_read(settings_.listener);
    }
  }
  for (auto& [number, connection] : connections_) {
    connection.watch.reset();
    if (!connection.is_whole) {
      connection.watch = poller_.watch_read(connection.socket.get());
    }
  }
  if (auto waited = poller_.wait(wait_limit(now)); !waited) {
    return waited;
  }
  if (poller_.ready(syncs)) {
    end_commits();
  }
  drop_where([this](std::uint64_t number, Connection& connection) {
    return connection.watch && poller_.ready(*connection.watch) && !serve(number, connection);
  });
  if (listener && poller_.ready(*listener)) {
    take_connections();
  }
  if (std::any_of(ending.begin(), ending.end(),
                  [this](std::size_t index) { return poller_.ready(index); })) {
    stop_listening();
  }
  drop_late(sys::monotonic());
  return {};
}

std::optional<Resident::Clock> Resident::wait_limit(Clock now) const {
  std::optional<Clock> first;
  const auto consider = [&first](Clock time) { first = first ? std::min(*first, time) : time; };
  if (!is_ending() && now < no_connections_until_) {
    consider(no_connections_until_);
  }
  for (const auto& [number, connection] : connections_) {
    if (!connection.is_whole) {
      consider(connection.until);
    }
  }
  if (!first) {
    return std::nullopt;
  }
  return std::max(*first - now, Clock(0)) + Clock(1);
}

template <class Condition>
void Resident::drop_where(Condition condition) {
  for (auto one = connections_.begin(); one != connections_.end();) {
    one = condition(one->first, one->second) ? connections_.erase(one) : std::next(one);
  }
}

// Clients that have not been greeted execute qmail-queue.
void Resident::stop_listening() {
  sys::close_descriptor(std::exchange(settings_.listener, -1));
  drop_where([](std::uint64_t /*number*/, const Connection& connection) {
    return !connection.is_open;
  });
}

void Resident::take_connections() {
  for (;;) {
    auto taken = sys::take_connection(settings_.listener);
    if (!taken) {
      const int error = taken.error().error;
      if (error != EAGAIN && error != EINTR && error != ECONNABORTED) {
        no_connections_until_ = sys::monotonic() + kPause;
      }
      return;
    }
    if (connections_.size() < settings_.most) {
      add(std::move(*taken));
    }
  }
}

void Resident::add(sys::Fd socket) {
  constexpr uid_t kRoot = 0;
  const auto uid = sys::peer_uid(socket.get());
  if (!uid) {
    return;
  }
  const auto account = account_of(*uid);
  if (!account && *uid != kRoot) {
    return;
  }
  const std::uint64_t number = next_number();
  Connection& connection = connections_[number];
  connection.socket = std::move(socket);
  connection.submission.pid = number;
  connection.submission.uid = *uid;
  connection.submission.caller = caller_of(account);
  connection.submission.now = sys::now();
  connection.until = sys::monotonic() + kOpeningLimit;
  // The opening has usually come with the connection.
  if (!serve(number, connection)) {
    connections_.erase(number);
  }
}

std::uint64_t Resident::next_number() {
  std::uint64_t& number = settings_.last_number;
  number = number < kLargestNumber ? number + 1 : 1;
  return number;
}

// An account that is not found is looked up again, since /etc/passwd may be unreadable for
// once.
std::optional<sys::Account> Resident::account_of(uid_t uid) {
  const auto known = accounts_.find(uid);
  if (known != accounts_.end()) {
    return known->second;
  }
  const auto found = sys::account_of(uid);
  if (found) {
    accounts_.emplace(uid, *found);
  }
  return found;
}

bool Resident::serve(std::uint64_t number, Connection& connection) {
  if (!connection.is_open && !greet(number, connection)) {
    return false;
  }
  for (int pieces = 0; connection.is_open && pieces < kPiecesAtOnce; ++pieces) {
    const auto stays = take_piece(number, connection);
    if (!stays) {
      return true;
    }
    if (!*stays || connection.is_whole) {
      return *stays;
    }
  }
  return true;
}

bool Resident::greet(std::uint64_t number, Connection& connection) {
  auto packet = sys::receive_packet(connection.socket.get(), mail::kQueueOpeningMax);
  if (!packet) {
    return packet.error().error == EAGAIN;
  }
  const auto opening = *packet ? mail::parse_queue_opening((*packet)->bytes) : std::nullopt;
  const auto program = settings_.program();
  if (!opening || opening->release != settings_.release || !program) {
    return false;
  }
  if (!opening->wishes.empty()) {
    connection.submission.dsn = kept_wishes(opening->wishes);
  }
  connection.until += std::chrono::milliseconds(kTimeLimit) - kOpeningLimit;
  connection.is_open = true;
  return sys::send_packet(connection.socket.get(), mail::queue_greeting({number, *program}))
      .has_value();
}

std::optional<bool> Resident::take_piece(std::uint64_t number, Connection& connection) {
  if (!connection.message) {
    connection.message =
        std::make_unique<Acceptance>(files_, settings_.layout, connection.submission);
    if (const int failed = connection.message->begin(); failed != 0) {
      return end(connection, failed);
    }
  }
  Acceptance& message = *connection.message;
  if (const int failed = message.make_room(mail::kQueuePieceMax); failed != 0) {
    return end(connection, failed);
  }
  auto piece =
      sys::receive_piece(connection.socket.get(), message.room(), mail::kQueuePieceMax);
  if (!piece) {
    return piece.error().error == EAGAIN ? std::nullopt : std::optional(false);
  }
  if (!*piece) {
    return end(connection, exits::kRead);
  }
  const char kind = (*piece)->kind;
  const bool of_message = kind == mail::kMessagePiece || kind == mail::kLastMessagePiece;
  if (message.in_envelope() ? kind != mail::kEnvelopePiece : !of_message) {
    return false;
  }
  int failed =
      of_message ? message.take_message((*piece)->size) : message.take_envelope((*piece)->size);
  if (failed == 0 && kind == mail::kLastMessagePiece) {
    failed = message.end_message();
  }
  if (failed != 0) {
    return end(connection, failed);
  }
  if (message.is_complete()) {
    connection.is_whole = true;
    commits_.begin(number, message.writer(), connection.until);
  }
  return true;
}

// The files of a message that is not queued are gone when the client gets the result.
bool Resident::end(Connection& connection, int code) {
  connection.message.reset();
  (void)sys::send_packet(connection.socket.get(), mail::queue_result(code));
  return false;
}

void Resident::end_commits() {
  const auto results = commits_.collect(sys::monotonic());
  if (std::any_of(results.begin(), results.end(),
                  [](const auto& one) { return one.code == 0; })) {
    settings_.pull_trigger();
  }
  for (const Commits::Result& result : results) {
    const auto found = connections_.find(result.id);
    (void)end(found->second, result.code);
    connections_.erase(found);
  }
}

void Resident::drop_late(Clock now) {
  drop_where([this, now](std::uint64_t /*number*/, Connection& connection) {
    if (connection.is_whole || now < connection.until) {
      return false;
    }
    return !connection.is_open || !end(connection, exits::kTimeout);
  });
}

}  // namespace reqmail::queue
