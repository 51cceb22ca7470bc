#include "judge/session_children.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "judge/dispatcher.h"
#include "sys/alike.h"
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/packets.h"

namespace reqmail::judge {

namespace {

constexpr std::string_view kNext = "n";

// Says in a child that it can serve another session, and waits for one. Nullopt: it is to end.
std::optional<sys::Fd> next_session(int dispatcher) {
  if (!sys::send_packet(dispatcher, kNext)) {
    return std::nullopt;
  }
  sys::Poller poller;
  (void)poller.watch_read(dispatcher);
  if (!poller.wait()) {
    return std::nullopt;
  }
  auto packet = sys::receive_packet(dispatcher, kNext.size());
  if (!packet || !*packet || !(*packet)->descriptor.valid()) {
    return std::nullopt;
  }
  return std::move((*packet)->descriptor);
}

}  // namespace

std::size_t SessionChildren::busy() const {
  return static_cast<std::size_t>(
      std::count_if(children_.begin(), children_.end(),
                    [](const Child& child) { return !child.waiting.has_value(); }));
}

void SessionChildren::serve(Connection connection) {
  if (!connection.client) {
    connection.client.emplace();
  }

  if (!reuse(connection)) {
    start(std::move(connection));
  }
}

bool SessionChildren::reuse(const Connection& connection) {
  const auto child = std::find_if(children_.begin(), children_.end(), [&](const Child& one) {
    return one.waiting && one.client == *connection.client;
  });
  if (child == children_.end()) {
    return false;
  }
  child->waiting.reset();
  if (!sys::send_packet(child->socket.get(), kNext, connection.descriptor.get())) {
    child->socket.close();
    return false;
  }
  return true;
}

void SessionChildren::start(Connection connection) {
  sys::SocketPair ends;
  if (!connection.client->empty() && !finished_) {
    if (auto pair = sys::make_packet_pair()) {
      ends = *std::move(pair);
    }
  }
  const bool only_one = !ends.one.valid();
  auto child = sys::start_alike(connection.descriptor.get(), ends.other.get(),
                                [this, only_one] { return work(only_one); });
  if (!child) {
    end_oldest(count() - busy());
    return;
  }
  children_.push_back({child->release(), std::move(ends.one), *std::move(connection.client),
                       std::nullopt, std::nullopt});
}

int SessionChildren::work(bool only_one) {
  sys::Fd connection(STDIN_FILENO);
  Result<void> served = sys::confine_child();
  for (unsigned left = only_one ? 1 : kSessionsOfChild; served && connection.valid(); --left) {
    served = serve_(connection.get());
    connection.close();
    if (served && left > 1) {
      connection = next_session(sys::kOtherDescriptor).value_or(sys::Fd());
    }
  }
  return exit_code(served);
}

void SessionChildren::watch(sys::Poller& poller) {
  for (Child& child : children_) {
    child.watched.reset();
    if (child.socket.valid() && !child.waiting) {
      child.watched = poller.watch_read(child.socket.get());
    }
  }
}

void SessionChildren::attend(const sys::Poller& poller) {
  for (Child& child : children_) {
    if (!child.watched || !poller.ready(*child.watched)) {
      continue;
    }
    const auto said = sys::receive_packet(child.socket.get(), kNext.size());
    if (said && *said && !finished_) {
      child.waiting = sys::monotonic();
    } else if (said || said.error().error != EAGAIN) {
      child.socket.close();
    }
  }
  end_oldest(kWaitingChildren + 1);
}

// Ends those that have waited for longest, as long as there are `too_many` that wait.
void SessionChildren::end_oldest(std::size_t too_many) {
  while (too_many > 0 && count() - busy() >= too_many) {
    const auto oldest = std::min_element(
        children_.begin(), children_.end(), [](const Child& one, const Child& other) {
          return one.waiting && (!other.waiting || *one.waiting < *other.waiting);
        });
    oldest->let_go();
  }
}

void SessionChildren::ended(pid_t pid) {
  std::erase_if(children_, [pid](const Child& child) { return child.pid == pid; });
}

std::optional<std::chrono::milliseconds> SessionChildren::patience() const {
  std::optional<std::chrono::milliseconds> first;
  for (const Child& child : children_) {
    if (child.waiting && (!first || *child.waiting < *first)) {
      first = child.waiting;
    }
  }
  if (first) {
    constexpr std::chrono::milliseconds kNone{0};
    first = std::max(*first + kChildPatience - sys::monotonic(), kNone);
  }
  return first;
}

void SessionChildren::end_idle() {
  const auto now = sys::monotonic();
  for (Child& child : children_) {
    if (child.waiting && now - *child.waiting >= kChildPatience) {
      child.let_go();
    }
  }
}

void SessionChildren::finish() {
  finished_ = true;
  for (Child& child : children_) {
    if (child.waiting) {
      child.let_go();
    }
  }
}

}  // namespace reqmail::judge
