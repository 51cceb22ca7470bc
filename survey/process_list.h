// Lists processes from /proc.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::survey {

// The number of bytes that are read of a file below /proc.
inline constexpr std::size_t kLargestProcFile = std::size_t{64} << 10;

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  // The start time in the system's ticks. Together with `pid` it identifies a process for good.
  std::uint64_t start = 0;
  // The name of the program, or of the script that an interpreter runs; the system truncates
  // it.
  std::string name;
};

// Returns "/proc/PID/FILE".
std::string proc_path(pid_t pid, std::string_view file);

// Returns the target of a symbolic link below /proc, without " (deleted)"; empty if it cannot
// be read.
std::string program_link(const std::string& path);

// Returns the user id of a process; nullopt if it has several, as a setuid program has.
std::optional<uid_t> uid_of(pid_t pid);

// Returns a variable of the environment with which a process was started, unless the process
// has overwritten it. Only root sees those of other users.
std::optional<std::string> start_variable(pid_t pid, std::string_view name);

// Returns nullopt if the process has ended.
std::optional<Process> read_process(pid_t pid);

std::vector<Process> all_processes();

// Returns the processes whose current directory this is.
std::vector<Process> processes_in(const std::string& folder);

}  // namespace reqmail::survey
