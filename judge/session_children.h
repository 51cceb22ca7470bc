// The children of a dispatcher (judge/dispatcher.h). Each serves one session at a time. When it
// has ended, the child may serve another one, but only one of the same client: that client
// could have brought all its messages in one session. So what a client sends never is in the
// process that judges another client's messages.
//
//   serving -> waiting: the session has ended, and the child has said so
//   waiting -> serving: it gets the next session of its client
//   waiting -> ending:  none came for a while, or too many children wait; it has no socket here
//                       any more, and ends for that
//   serving -> ending:  the session failed, is the last one that this child serves, or has no
//                       client that is known
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "judge/connection_source.h"
#include "sys/fd.h"
#include "sys/poller.h"

namespace reqmail::judge {

// A child serves at most this many sessions.
inline constexpr unsigned kSessionsOfChild = 100;

// At most this many children wait, each for at most this time.
inline constexpr std::size_t kWaitingChildren = 16;
inline constexpr std::chrono::milliseconds kChildPatience{10'000};

class SessionChildren {
 public:
  // `serve` is called in a child for each session, with its connection.
  explicit SessionChildren(std::function<Result<void>(int connection)> serve)
      : serve_(std::move(serve)) {}

  // How many there are, in whatever state, and how many of them do not wait.
  [[nodiscard]] std::size_t count() const { return children_.size(); }

  [[nodiscard]] std::size_t busy() const;

  // Gives the session to a child that waits for one of its client, or to a new one. If there
  // can be none, the connection is closed, and a child that waits makes room for the next.
  void serve(Connection connection);

  // Watches for the ends of sessions; attend() is to be called after the wait.
  void watch(sys::Poller& poller);
  void attend(const sys::Poller& poller);

  // A child has ended and was reaped.
  void ended(pid_t pid);

  // How long it may take until end_idle() is called again; nullopt if no child waits.
  [[nodiscard]] std::optional<std::chrono::milliseconds> patience() const;

  // Ends the children that have waited for long.
  void end_idle();

  // From now on no child waits.
  void finish();

 private:
  struct Child {
    pid_t pid = -1;
    // Not valid if it serves no further session.
    sys::Fd socket;
    std::string client;
    // Since when it waits.
    std::optional<std::chrono::milliseconds> waiting;
    std::optional<std::size_t> watched;

    // Waiting -> ending.
    void let_go() {
      waiting.reset();
      socket.close();
    }
  };

  [[nodiscard]] bool reuse(const Connection& connection);
  void start(Connection connection);
  int work(bool only_one);
  void end_oldest(std::size_t too_many);

  std::function<Result<void>(int)> serve_;
  std::vector<Child> children_;
  bool finished_ = false;
};

}  // namespace reqmail::judge
