// Programs: what a child executes and inherits, and exec in this process. sys/child.h has how a
// child ends.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/child.h"

namespace reqmail::sys {

// Makes the child's descriptor `to` a copy of this process's descriptor `from`. All moves
// happen as if at once, so that 0 -> 1 together with 1 -> 0 swaps them. All other descriptors
// above 2 are close-on-exec and are closed.
struct DescriptorMove {
  int from;
  int to;
};

// The user and group that a child gets; `gid` is its only supplementary group.
struct Identity {
  uid_t uid;
  gid_t gid;
};

inline constexpr int kExecFailed = 120;

struct ChildSpec {
  // A path if it has a slash. Otherwise it is looked up in PATH of the calling process's
  // environment, or in bin of qmail's home if PATH is unset or empty.
  std::string program;
  // argv, including the name of the program.
  std::vector<std::string> arguments;
  // NAME=VALUE strings; the caller's environment if this is absent.
  std::optional<std::vector<std::string>> environment;
  std::vector<DescriptorMove> descriptors;
  std::optional<std::string> directory;
  std::optional<Identity> identity;
  // No process of that identity is hostile, as it is one of qmail's own accounts. The child
  // then borrows the memory of this process until it executes the program, which is cheaper
  // than a copy; a child without `identity` always does. The child of a user must not, since a
  // SIGSTOP at the right moment would stop this process too. Not for processes with threads.
  bool identity_trusted = false;
  // If it is set, the child calls this instead of executing the program, and its result is the
  // exit code. The child looks like the program: it has the program's name, only `descriptors`
  // are open, and with an identity it has no capabilities. No other process may trace
  // it, since it has a copy of this process's memory. Not for processes with threads.
  std::function<int()> work;
  // The child, and so the program from its first instruction on, gains no privileges, can only
  // read files, and reaches neither the network nor other processes, if the system supports it
  // (compat/reading_filter.h). It may execute programs.
  bool only_reads = false;
  // The child leads a process group of its own, to which Child::send_group_signal() sends.
  bool own_group = false;
  // The exit code of a child that cannot become what was asked for or cannot execute the
  // program.
  int exec_failed = kExecFailed;
  // What the child then writes to its descriptor 2 before and after the text of the error;
  // nothing if both are empty.
  std::string exec_failed_before;
  std::string exec_failed_after;
  // Complete texts that it writes instead, for permanent and for temporary errors.
  std::string exec_failed_text;
  std::string exec_failed_temporary_text;
  // The exit code if another try may succeed (is_temporary() of the errno); exec_failed if
  // absent.
  std::optional<int> exec_failed_temporary;
  // The exit code if the child could not become `identity`; exec_failed if absent.
  std::optional<int> identity_failed;
};

// Returns whether PATH has an executable program of this name (without slash).
bool is_program_in_path(const std::string& name);

// Returns the path of the program that spawn() would execute: of the first file that may be
// executed; nullopt if there is none.
std::optional<std::string> program_path(const std::string& program);

// Starts a child. In it, signals that this process catches have their default action, no signal
// is blocked, and ignored signals stay ignored. Failure.error is the errno of the fork.
Result<Child> spawn(const ChildSpec& spec);

// Does in this process what spawn() does in a child, except for exit codes. Returns only on
// failure, and descriptors may have been moved by then.
Failure become_program(const ChildSpec& spec);

// Executes another program; returns only on failure.
Failure replace_program(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::optional<std::vector<std::string>>& environment = std::nullopt);

}  // namespace reqmail::sys
