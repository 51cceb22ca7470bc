// Connections to a qmail-mailauth whose sessions have not said yet who their clients are. A
// session does so with its first bytes, the settings, as soon as it has connected
// (judge/protocol.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "judge/connection_source.h"
#include "sys/fd.h"
#include "sys/poller.h"

namespace reqmail::judge {

// After this time, the client is one that is not known.
inline constexpr std::chrono::milliseconds kIntroduction{1000};

// Returns the client that the first bytes name, which stay for whoever serves the session. It
// is empty if they name none. Nullopt: nothing has come yet. Never waits.
std::optional<std::string> client_of(int connection);

class Arrivals {
 public:
  [[nodiscard]] std::size_t count() const { return waiting_.size(); }

  void add(sys::Fd connection);

  // Watches for what they say; take() is to be called after the wait.
  void watch(sys::Poller& poller);

  // Takes those that have said something, or whose time is over.
  std::vector<Connection> take(const sys::Poller& poller);

  // How long it may take until take() is called again; nullopt if there are none.
  [[nodiscard]] std::optional<std::chrono::milliseconds> patience() const;

 private:
  struct Arrival {
    sys::Fd connection;
    std::chrono::milliseconds end;
    std::size_t watched = 0;
  };

  // The one that came first is the first.
  std::vector<Arrival> waiting_;
};

}  // namespace reqmail::judge
