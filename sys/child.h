// A child process of this process, and how it ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/program_end.h"
#include "base/result.h"

namespace reqmail::sys {

// A child that must be waited for. Until then its process ID cannot be reused, so a signal
// cannot reach another process. The destructor kills a child that was not waited for, and
// waits.
class Child {
 public:
  Child() = default;

  explicit Child(pid_t pid) : pid_(pid) {}

  Child(Child&& other) noexcept : pid_(other.release()) {}

  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ~Child() { end(); }

  // Returns whether there is a child that has not been waited for.
  [[nodiscard]] bool valid() const { return pid_ > 0; }

  [[nodiscard]] pid_t pid() const { return pid_; }

  // Gives up ownership, because the child continues on its own or somebody else has waited for
  // it.
  pid_t release() { return std::exchange(pid_, -1); }

  // Waits until the child has ended. Failure.error is the errno.
  Result<base::ProgramEnd> wait();

  // Waits for at most `limit`; returns nullopt if the child is still running then.
  Result<std::optional<base::ProgramEnd>> wait_for(std::chrono::milliseconds limit);

  // Returns at once; nullopt means that the child is still running.
  Result<std::optional<base::ProgramEnd>> look();

  // Waits until the child has ended, without reaping it. Returns its real uid at that time;
  // nullopt if that is not known.
  [[nodiscard]] std::optional<uid_t> uid_at_end() const;

  void send_signal(int number) const;

  // Sends the signal to the process group that the child leads.
  void send_group_signal(int number) const;

  // Kills the child and waits for it.
  void end();

 private:
  pid_t pid_ = -1;
};

struct Ended {
  pid_t pid;
  base::ProgramEnd status;
  int wait_status = 0;  // of wait(2), for a log
};

// Reaps any child that has ended, without blocking; returns nullopt if none has. The owner of
// its Child must call release().
std::optional<Ended> reap();

}  // namespace reqmail::sys
