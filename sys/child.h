// A process that this one has started, and how it ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/program_end.h"
#include "base/result.h"

namespace reqmail::sys {

// A child that must be waited for. Its number is its own for as long: no signal can reach
// another process. A child whose owner goes without having waited is killed and waited for.
class Child {
 public:
  Child() = default;

  explicit Child(pid_t pid) : pid_(pid) {}

  Child(Child&& other) noexcept : pid_(other.release()) {}

  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ~Child() { end(); }

  // Whether there is a child that has not been waited for.
  [[nodiscard]] bool valid() const { return pid_ > 0; }

  [[nodiscard]] pid_t pid() const { return pid_; }

  // Gives up ownership: the child goes on by itself, or somebody else has waited for it.
  pid_t release() { return std::exchange(pid_, -1); }

  // Waits until it has ended. Failure.error is the errno.
  Result<base::ProgramEnd> wait();

  // Waits for at most so long; returns nullopt if it is still running then. SIGCHLD is blocked
  // from now on.
  Result<std::optional<base::ProgramEnd>> wait_for(std::chrono::milliseconds limit);

  // Returns nullopt if it is still running, at once.
  Result<std::optional<base::ProgramEnd>> look();

  // Waits until it has ended, and leaves it to be waited for. Returns the real uid it had then,
  // nullopt if that is not known.
  [[nodiscard]] std::optional<uid_t> uid_at_end() const;

  void send_signal(int number) const;

  // The same to the process group that it leads.
  void send_group_signal(int number) const;

  // Kills it and waits.
  void end();

 private:
  pid_t pid_ = -1;
};

struct Ended {
  pid_t pid;
  base::ProgramEnd status;
};

// Waits for any child that has ended, without blocking, and returns nullopt if none has. Its
// Child has to release it.
std::optional<Ended> reap();

}  // namespace reqmail::sys
