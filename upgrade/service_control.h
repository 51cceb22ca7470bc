// Ending qmail-send and starting it again, by way of what started it.
#pragma once

#include <string>

#include "base/result.h"
#include "survey/inspection.h"
#include "survey/running.h"
#include "upgrade/journal.h"

namespace reqmail::upgrade {

ProcessMark mark_of(const survey::RunningSend& send);
bool is_marked(const survey::RunningSend& send, const ProcessMark& mark);

// TERM to qmail-send, by way of the supervisor where it has one: it ends when its deliveries
// have.
void ask_to_end(const survey::RunningSend& send);

// Has the service started where it does not start by itself: the supervisor's "up", or
// <home>/rc where there is none. A Failure says what somebody has to do by hand.
Result<void> start_service(const std::string& home, const survey::Service& service);

// TERM, by way of its supervisor, to the service whose run script this is: sessions that a
// listener has begun go on. False where no supervisor has that directory.
bool restart_service_of(const std::string& run_script);

// Has systemd read its units again where this is the file of one: what it starts from then on
// is as the file says. False where it is none, or nobody reads it.
bool reload_unit(const std::string& path);

}  // namespace reqmail::upgrade
