#include "sys/side_work.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/poller.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

constexpr std::size_t kReadSize = 4096;

std::string read_until(int fd, std::chrono::milliseconds end) {
  std::string text;
  std::array<char, kReadSize> buffer;
  Poller poller;
  for (;;) {
    const auto left = std::max(end - monotonic(), std::chrono::milliseconds(0));
    poller.clear();
    const std::size_t watch = poller.watch_read(fd);
    (void)poller.wait(left);
    if (!poller.ready(watch)) {
      if (monotonic() >= end) {
        return text;
      }
      continue;
    }
    const auto count = read_some(fd, buffer.data(), buffer.size());
    if (!count || *count == 0) {
      return text;
    }
    text.append(buffer.data(), *count);
  }
}

}  // namespace

std::string output_of_side_work(const std::function<void(int)>& work,
                                std::chrono::milliseconds limit) {
  auto pipe = make_pipe();
  if (!pipe) {
    return {};
  }
  const pid_t forked = ::fork();
  if (forked < 0) {
    return {};
  }
  if (forked == 0) {
    pipe->read.close();
    work(pipe->write.get());
    ::_exit(0);
  }
  Child child(forked);
  pipe->write.close();
  std::string text = read_until(pipe->read.get(), monotonic() + limit);
  child.end();
  return text;
}

}  // namespace reqmail::sys
