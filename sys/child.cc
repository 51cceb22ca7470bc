#include "sys/child.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string_view>

#include "base/narrow.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/signals.h"

namespace reqmail::sys {

namespace {

constexpr std::string_view kUnableToWait = "unable to wait for child";

// waitpid(2) with a negative number would wait for any child, so this is an error before the
// call.
Failure no_child() {
  return system_failure(kUnableToWait, ECHILD);
}

base::ProgramEnd decode(int status) {
  if (WIFSIGNALED(status)) {
    return base::ProgramEnd{true, WTERMSIG(status)};
  }
  return base::ProgramEnd{false, WEXITSTATUS(status)};
}

}  // namespace

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = other.release();
  }
  return *this;
}

void Child::end() {
  if (valid()) {
    send_signal(SIGKILL);
    (void)wait();
  }
}

Result<base::ProgramEnd> Child::wait() {
  if (!valid()) {
    return no_child();
  }
  int status = 0;
  for (;;) {
    if (::waitpid(pid_, &status, 0) == pid_) {
      pid_ = -1;
      return decode(status);
    }
    if (errno != EINTR) {
      pid_ = -1;
      return system_failure(kUnableToWait);
    }
  }
}

Result<std::optional<base::ProgramEnd>> Child::look() {
  if (!valid()) {
    return no_child();
  }
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == pid_) {
    pid_ = -1;
    return std::optional<base::ProgramEnd>(decode(status));
  }
  if (ended < 0 && errno != EINTR) {
    pid_ = -1;
    return system_failure(kUnableToWait);
  }
  return std::optional<base::ProgramEnd>();
}

Result<std::optional<base::ProgramEnd>> Child::wait_for(std::chrono::milliseconds limit) {
  // On systems that discard a blocked signal whose action is the default, the wait lasts one
  // slice longer than needed.
  constexpr std::chrono::milliseconds kSlice{1000};
  block_signals({SIGCHLD});
  const std::chrono::milliseconds end = monotonic() + limit;
  sigset_t child_ended;
  ::sigemptyset(&child_ended);
  ::sigaddset(&child_ended, SIGCHLD);
  for (;;) {
    auto ended = look();
    if (!ended || *ended) {
      return ended;
    }
    const std::chrono::milliseconds left = std::min(end - monotonic(), kSlice);
    if (left.count() <= 0) {
      return std::optional<base::ProgramEnd>();
    }
    timespec wait = {};
    wait.tv_sec = left.count() / 1000;
    wait.tv_nsec = base::narrow<long>(left.count() % 1000 * 1000000);
    (void)::sigtimedwait(&child_ended, nullptr, &wait);
  }
}

std::optional<uid_t> Child::uid_at_end() const {
  if (!valid()) {
    return std::nullopt;
  }
  siginfo_t info = {};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) {
      return std::nullopt;
    }
  }
  return info.si_uid;
}

void Child::send_signal(int number) const {
  if (valid()) {
    (void)::kill(pid_, number);
  }
}

void Child::send_group_signal(int number) const {
  if (valid()) {
    (void)::kill(-pid_, number);
  }
}

std::optional<Ended> reap() {
  int status = 0;
  const pid_t child = ::waitpid(-1, &status, WNOHANG);
  if (child <= 0) {
    return std::nullopt;
  }
  return Ended{child, decode(status), status};
}

}  // namespace reqmail::sys
