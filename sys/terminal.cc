#include "sys/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/wipe.h"
#include "sys/error.h"
#include "sys/poller.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

constexpr std::chrono::milliseconds kLook(100);

// Switches the echo of a terminal off for as long as it exists.
class Hidden {
 public:
  explicit Hidden(int fd) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) != 0) {
      return;
    }
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= static_cast<tcflag_t>(ECHONL);
    // Characters typed earlier were shown, so they are discarded and not taken for the
    // password.
    changed_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }

  ~Hidden() {
    if (changed_) {
      (void)::tcsetattr(fd_, TCSAFLUSH, &before_);
    }
  }

  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  Hidden(Hidden&&) = delete;
  Hidden& operator=(Hidden&&) = delete;

  [[nodiscard]] bool changed() const { return changed_; }

 private:
  int fd_;
  bool changed_ = false;
  termios before_ = {};
};

// Waits until there is something to read. A signal that comes just before a wait is noticed
// only after it, so each wait is short.
Result<void> wait_for_key(int fd) {
  Poller poller;
  const std::size_t key = poller.watch_read(fd);
  while (!was_interrupted()) {
    if (auto waited = poller.wait(kLook); !waited || poller.ready(key)) {
      return waited;
    }
  }
  return system_failure("unable to read the terminal", EINTR);
}

Result<std::string> read_line(int fd, std::size_t limit) {
  std::string line;
  char byte = '\0';
  for (;;) {
    if (auto typed = wait_for_key(fd); !typed) {
      base::wipe(line);
      return typed.error();
    }
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0) {
      base::wipe(line);
      return system_failure("unable to read the terminal");
    }
    if (got == 0 || byte == '\n') {
      return line;
    }
    if (line.size() == limit) {
      base::wipe(line);
      return permanent("too long", EMSGSIZE);
    }
    line.push_back(byte);
  }
}

}  // namespace

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

Result<std::string> ask_hidden(int fd, const std::string& prompt, std::size_t limit) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    interrupt_on_signal(number);
  }
  const Hidden hidden(fd);
  if (!hidden.changed()) {
    return system_failure("unable to switch the echo of the terminal off");
  }
  (void)write_all(STDERR_FILENO, prompt);
  return read_line(fd, limit);
}

Result<Fd> open_terminal_line(const std::string& path) {
  Fd line(::open(path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!line.valid()) {
    return system_failure("unable to open terminal");
  }
  return line;
}

}  // namespace reqmail::sys
