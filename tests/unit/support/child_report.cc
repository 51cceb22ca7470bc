#include "tests/unit/support/child_report.h"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/stream.h"

namespace reqmail::tests {

namespace {

constexpr int kReturned = 99;
constexpr std::size_t kMostSaid = std::size_t{1} << 20;

sys::Child start(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid < 0) {
    std::abort();
  }
  if (pid == 0) {
    body();
    ::_exit(kReturned);
  }
  return sys::Child(pid);
}

}  // namespace

base::ProgramEnd in_child(const std::function<void()>& body) {
  return *start(body).wait();
}

ChildReport report_of_child(int fd, const std::function<void()>& body,
                            const std::function<void(pid_t)>& once_it_speaks) {
  auto pipe = sys::make_pipe();
  if (!pipe) {
    std::abort();
  }
  sys::Child child = start([&pipe, fd, &body] {
    pipe->read.close();
    (void)::dup2(pipe->write.get(), fd);
    if (pipe->write.get() != fd) {
      pipe->write.close();
    }
    body();
  });
  pipe->write.close();
  pollfd speaks{pipe->read.get(), POLLIN, 0};
  (void)::poll(&speaks, 1, -1);
  once_it_speaks(child.pid());
  std::string said = sys::read_all(pipe->read.get(), kMostSaid).value_or("<too much>");
  return {*child.wait(), std::move(said)};
}

}  // namespace reqmail::tests
