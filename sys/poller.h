// Waiting until a descriptor can be read or written.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.h"

namespace reqmail::sys {

// A set of descriptors, filled anew for each wait: a main loop has few of them, and what it
// waits for changes all the time.
class Poller {
 public:
  void clear() { items_.clear(); }

  // Each returns where to ask ready() about it.
  std::size_t watch_read(int fd) { return add(fd, POLLIN); }

  std::size_t watch_write(int fd) { return add(fd, POLLOUT); }

  // Waits for one of the descriptors, at most `limit` (for ever without one). A signal ends the
  // wait early with nothing ready. Failure.error is the errno.
  Result<void> wait(std::optional<std::chrono::milliseconds> limit = std::nullopt);

  // Whether a call on the descriptor would not block: data, room, end of file or an error.
  [[nodiscard]] bool ready(std::size_t index) const { return items_[index].revents != 0; }

 private:
  std::size_t add(int fd, short events);

  std::vector<struct pollfd> items_;
};

}  // namespace reqmail::sys
