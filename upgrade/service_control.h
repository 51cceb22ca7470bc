// Ends and starts qmail-send through whatever supervises it.
#pragma once

#include <string>

#include "base/result.h"
#include "survey/inspection.h"
#include "survey/running.h"
#include "upgrade/journal.h"

namespace reqmail::upgrade {

ProcessMark mark_of(const survey::RunningSend& send);
bool is_marked(const survey::RunningSend& send, const ProcessMark& mark);

// Sends TERM to qmail-send, through the supervisor if it has one; it ends when its deliveries
// have ended.
void ask_to_end(const survey::RunningSend& send);

// Starts the service if it does not start by itself: by the supervisor's "up", or by <home>/rc
// without a supervisor. The text of a Failure says what must be done by hand.
Result<void> start_service(const std::string& home, const survey::Service& service);

// Sends TERM through its supervisor to the service with this run script; sessions that a
// listener has begun continue. Returns false if no supervisor has that directory.
bool restart_service_of(const std::string& run_script);

// Makes systemd read its units again if this file is one, so that later starts use the new
// file. Returns false if it is not a unit or systemd does not read it.
bool reload_unit(const std::string& path);

}  // namespace reqmail::upgrade
