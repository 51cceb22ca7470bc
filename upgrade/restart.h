// Ends and starts qmail-send while its programs change.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"
#include "upgrade/journal.h"
#include "upgrade/progress.h"

namespace reqmail::upgrade {

// Ends qmail-send, whoever restarts it, and takes lock/sendmutex: until the descriptor is
// closed no qmail-send runs on this queue. Waits for as long as deliveries take; a Failure
// where somebody else holds it, or it is no regular file. A qmail-send that a supervisor starts
// meanwhile finds the lock taken and ends at once; the supervisor goes on trying.
Result<sys::Fd> hold_queue(const std::string& home, Progress& say);

// Which set of daemons is to run.
enum class WantedSet {
  ours,  // qmail-send runs the program in bin/ itself
  old,   // it may be a wrapper, which runs another one
};

// Ends the marked qmail-send where it still runs, and any of another set than the wanted one
// that was started meanwhile, and waits until another runs: the supervisor's, or one that is
// started as `service` says. A Failure says what somebody has to do by hand.
Result<void> restart_send(const std::string& home, const survey::Service& service,
                          const std::optional<ProcessMark>& leaving, WantedSet wanted,
                          Progress& say);

}  // namespace reqmail::upgrade
