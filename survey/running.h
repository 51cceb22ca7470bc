// Finds the running qmail-send of a home, and what starts it again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "survey/inspection.h"

namespace reqmail::survey {

// Returns the supervisor whose process has this name.
Supervisor supervisor_called(std::string_view name);

struct RunningSend {
  pid_t pid = 0;
  // The start time in the system's ticks. Together with `pid` it identifies a process for good.
  std::uint64_t start = 0;
  Service service;
};

// Returns the process named qmail-send that runs as root or qmails and whose current directory
// is the home's queue. This does not depend on the program file from which it was started.
std::optional<RunningSend> find_send(const std::string& home);

// Returns the processes of this home (own_processes.h) that are named qmail-queue and run
// another program than the one in bin/ now, since they were started before the programs
// changed.
std::vector<pid_t> earlier_queue_programs(const std::string& home);

}  // namespace reqmail::survey
