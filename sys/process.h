// Children: what they run, what they get, how they ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::sys {

// The child's descriptor `to` becomes a copy of ours `from`. Moves happen as if all at once, so
// that 0 -> 1 together with 1 -> 0 swaps them. All other descriptors above 2 are close-on-exec
// and gone.
struct DescriptorMove {
  int from;
  int to;
};

// Whom a child becomes before it runs: supplementary groups are set to `gid` alone.
struct Identity {
  uid_t uid;
  gid_t gid;
};

inline constexpr int kExecFailed = 120;

struct ChildSpec {
  // With a slash: that file. Without: looked up in PATH of the calling process's environment,
  // in qmail's home/bin where PATH is unset or empty.
  std::string program;
  // argv, the name of the program included.
  std::vector<std::string> arguments;
  // NAME=VALUE strings; the caller's environment where absent.
  std::optional<std::vector<std::string>> environment;
  std::vector<DescriptorMove> descriptors;
  std::optional<std::string> directory;
  std::optional<Identity> identity;
  // Nobody who can stop or slow down a process of that identity is up to mischief: one of
  // qmail's own accounts. Then the child borrows our memory until it runs the program, as one
  // without `identity` always does, which is cheaper than a copy. A user's child must not: a
  // SIGSTOP at the right moment would stop us with it. For processes without threads.
  bool identity_trusted = false;
  // The child leads a process group of its own, which send_group_signal() reaches.
  bool own_group = false;
  // What the child exits with when it can't become what was asked or the program can't be run.
  int exec_failed = kExecFailed;
  // What the child says about that on its descriptor 2, around the name of the error; nothing
  // where both are empty.
  std::string exec_failed_before;
  std::string exec_failed_behind;
  // Texts it says instead, as they are: for good, and where another try may succeed.
  std::string exec_failed_text;
  std::string exec_failed_temporary_text;
  // The same where another try may succeed (is_temporary of the errno); exec_failed if absent.
  std::optional<int> exec_failed_temporary;
  // The same where the child could not become `identity`; exec_failed if absent.
  std::optional<int> identity_failed;
};

// Whether PATH leads to a program of this name (without slash) that may be executed.
bool is_program_in_path(const std::string& name);

// Starts a child. Signals that this process catches or blocks are back at their defaults and
// unblocked in it, ignored ones stay ignored. Failure.error is the errno of the fork.
Result<pid_t> spawn(const ChildSpec& spec);

// Does to this process what spawn() does to a child, exit codes apart; returns only on failure,
// with the descriptors perhaps already moved.
Failure become_program(const ChildSpec& spec);

// Becomes another program; returns only on failure.
Failure replace_program(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::optional<std::vector<std::string>>& environment = std::nullopt);

// How a process ended: by a signal (crashed) or with an exit code.
struct WaitStatus {
  bool crashed = false;
  int code = 0;

  [[nodiscard]] bool success() const { return !crashed && code == 0; }
};

// The real uid that a child has when it ends, nothing where that is not known; waits for it,
// and leaves it to be waited for.
std::optional<uid_t> uid_at_end(pid_t child);

// Waits for one child.
Result<WaitStatus> wait_for(pid_t child);

// The same without waiting: nothing when the child is still running.
Result<std::optional<WaitStatus>> look_at(pid_t child);

// The same for at most so long; nothing when the child is still running then. SIGCHLD is
// blocked from now on.
Result<std::optional<WaitStatus>> wait_for(pid_t child, std::chrono::milliseconds limit);

// Sends a signal to a child that has not been waited for.
void send_signal(pid_t child, int number);

// The same to the process group that it leads: as long as it has not been waited for, nobody
// else's group can have this number.
void send_group_signal(pid_t leader, int number);

struct Ended {
  pid_t pid;
  WaitStatus status;
};

// A child that has ended, nothing when none has (or none is left). Does not block.
std::optional<Ended> reap();

}  // namespace reqmail::sys
