// Waits until a descriptor can be read or written.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.h"

namespace reqmail::sys {

// A set of descriptors for poll(2). It is filled anew before each wait, since a main loop has
// few descriptors and what it waits for changes all the time.
class Poller {
 public:
  void clear() { items_.clear(); }

  // Each returns the index to be passed to ready().
  std::size_t watch_read(int fd) { return add(fd, POLLIN); }

  std::size_t watch_write(int fd) { return add(fd, POLLOUT); }

  // Waits until one of the descriptors is ready, at most for `limit` (for ever without one). A
  // signal ends the wait early, with nothing ready. Failure.error is the errno.
  Result<void> wait(std::optional<std::chrono::milliseconds> limit = std::nullopt);

  // Returns whether a call on the descriptor would not block: because of data, room, end of
  // file or an error.
  [[nodiscard]] bool ready(std::size_t index) const { return items_[index].revents != 0; }

 private:
  std::size_t add(int fd, short events);

  std::vector<struct pollfd> items_;
};

}  // namespace reqmail::sys
