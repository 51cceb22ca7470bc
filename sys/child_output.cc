#include "sys/child_output.h"

#include <algorithm>
#include <cerrno>

#include "sys/clock.h"
#include "sys/descriptor_io.h"

namespace reqmail::sys {

Result<std::string> read_until_closed(int pipe, std::size_t limit,
                                      std::chrono::milliseconds end) {
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto left = std::max(end - monotonic(), std::chrono::milliseconds(0));
    if (const auto ready = wait_readable(pipe, left); !ready) {
      return ready.error();
    }
    const auto count = read_some(pipe, text.data() + size, text.size() - size);
    if (!count) {
      return count.error();
    }
    if (*count == 0) {
      text.resize(size);
      return text;
    }
    size += *count;
  }
  return temporary("too much output", EMSGSIZE);
}

}  // namespace reqmail::sys
