// Programs: what a child runs and gets, and becoming one. How a child ends: sys/child.h.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/child.h"

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
  // What the child does instead of running the program: its result is the exit code. The child
  // is what the program would be: it has its name, nothing but 0, 1 and 2 is open, and there is
  // no capability if there is an identity. No other process may trace it, since it has a copy
  // of this process's memory. For processes without threads.
  std::function<int()> work;
  // The child leads a process group of its own, which Child::send_group_signal() reaches.
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
Result<Child> spawn(const ChildSpec& spec);

// Does to this process what spawn() does to a child, exit codes apart; returns only on failure,
// with the descriptors perhaps already moved.
Failure become_program(const ChildSpec& spec);

// Becomes another program; returns only on failure.
Failure replace_program(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::optional<std::vector<std::string>>& environment = std::nullopt);

}  // namespace reqmail::sys
