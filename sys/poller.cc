#include "sys/poller.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "sys/error.h"

namespace reqmail::sys {

std::size_t Poller::add(int fd, short events) {
  items_.push_back({fd, events, 0});
  return items_.size() - 1;
}

Result<void> Poller::wait(std::optional<std::chrono::milliseconds> limit) {
  constexpr std::chrono::milliseconds::rep kLongest = std::numeric_limits<int>::max();
  int timeout = -1;
  if (limit) {
    timeout = static_cast<int>(
        std::clamp<std::chrono::milliseconds::rep>(limit->count(), 0, kLongest));
  }
  if (::poll(items_.data(), items_.size(), timeout) >= 0) {
    return {};
  }
  const int error = errno;
  for (struct pollfd& item : items_) {
    item.revents = 0;
  }
  if (error == EINTR) {
    return {};
  }
  return system_failure("unable to wait", error);
}

}  // namespace reqmail::sys
