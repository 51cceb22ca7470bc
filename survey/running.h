// The qmail-send of a home while it runs, and what starts it again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "survey/inspection.h"

namespace reqmail::survey {

// The supervisor whose process has this name.
Supervisor supervisor_called(std::string_view name);

struct RunningSend {
  pid_t pid = 0;
  // When it started, in the system's ticks: with `pid` this names one process for good.
  std::uint64_t start = 0;
  Service service;
};

// The process of root or qmails named qmail-send whose current directory is the home's queue:
// so it is found whatever program file it was started from.
std::optional<RunningSend> find_send(const std::string& home);

// The processes of this home (own_processes.h) that are named qmail-queue and run another
// program than the one that lies in bin/ now: they were started before the programs changed.
std::vector<pid_t> earlier_queue_programs(const std::string& home);

}  // namespace reqmail::survey
