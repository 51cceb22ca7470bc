#include "sys/child.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/process_watch.h"

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

// SIGCHLD is left alone: a main loop that is told of other children by it must not miss them.
Result<std::optional<base::ProgramEnd>> Child::wait_for(std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kNap{10};
  const std::chrono::milliseconds end = monotonic() + limit;
  auto ended = look();
  // Before the first wait it is still our child, so the number is that of no other process.
  const Fd watch = ended && !*ended ? watch_process(pid_) : Fd();
  for (; ended && !*ended; ended = look()) {
    const std::chrono::milliseconds left = end - monotonic();
    if (left.count() <= 0) {
      break;
    }
    if (watch.valid()) {
      (void)wait_readable(watch.get(), left).has_value();
    } else {
      pause_for(std::min(left, kNap));
    }
  }
  return ended;
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
