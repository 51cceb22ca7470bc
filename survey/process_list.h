// Processes as /proc shows them.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::survey {

// What is read of a file below /proc.
inline constexpr std::size_t kLargestProcFile = std::size_t{64} << 10;

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  // In the system's ticks: with `pid` this names one process for good.
  std::uint64_t start = 0;
  // Of the program, or of the script that an interpreter runs; cut by the system.
  std::string name;
};

// "/proc/PID/FILE".
std::string proc_path(pid_t pid, std::string_view file);

// Where a symbolic link below /proc leads, " (deleted)" left out; empty where it cannot be
// read.
std::string program_link(const std::string& path);

// Returns the user id of a process; nullopt if it has several, as a setuid program has.
std::optional<uid_t> uid_of(pid_t pid);

// A variable of the environment that a process was started in, or of what it has written over
// that since. Only root sees those of others.
std::optional<std::string> start_variable(pid_t pid, std::string_view name);

// Returns nullopt if the process has ended.
std::optional<Process> read_process(pid_t pid);

std::vector<Process> all_processes();

// Processes whose current directory this is.
std::vector<Process> processes_in(const std::string& folder);

}  // namespace reqmail::survey
