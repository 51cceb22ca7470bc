// The qmail-send of a home while it runs, and what starts it again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "upgrade/inspection.h"
#include "upgrade/journal.h"

namespace reqmail::upgrade {

struct RunningSend {
  pid_t pid = 0;
  // When it started, in the system's ticks: with `pid` this names one process for good.
  std::uint64_t start = 0;
  Service service;
};

// The process of root or qmails named qmail-send whose current directory is the home's queue:
// so it is found whatever program file it was started from.
std::optional<RunningSend> find_send(const std::string& home);

ProcessMark mark_of(const RunningSend& send);
bool is_marked(const RunningSend& send, const ProcessMark& mark);

// Processes named qmail-queue in the home's queue whose program is not the one that lies in
// bin/ now: begun before the swap.
std::vector<pid_t> earlier_queue_programs(const std::string& home);

// TERM to qmail-send, by way of the supervisor where it has one: it ends when its deliveries
// have.
void ask_to_end(const RunningSend& send);

// Has the service started where it does not start by itself: the supervisor's "up", or
// <home>/rc where there is none. A Failure says what somebody has to do by hand.
Result<void> start_service(const std::string& home, const Service& service);

// TERM, by way of its supervisor, to the service whose run script this is: sessions that a
// listener has begun go on. False where no supervisor has that directory.
bool restart_service_of(const std::string& run_script);

// Has systemd read its units again where this is the file of one: what it starts from then on
// is as the file says. False where it is none, or nobody reads it.
bool reload_unit(const std::string& path);

}  // namespace reqmail::upgrade
