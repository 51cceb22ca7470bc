// Ends and starts qmail-send while its programs are replaced.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"
#include "upgrade/journal.h"
#include "upgrade/progress.h"

namespace reqmail::upgrade {

// Ends qmail-send, even if it is restarted, and takes lock/sendmutex: until the descriptor is
// closed no qmail-send runs on this queue. It waits for as long as deliveries take. It is a
// Failure if another process holds the lock, or if the file is not a regular file. A qmail-send
// that a supervisor starts meanwhile finds the lock taken and ends at once; the supervisor
// tries again.
Result<sys::Fd> hold_queue(const std::string& home, Progress& say);

// The set of daemons that should run.
enum class WantedSet {
  ours,  // qmail-send runs the program in bin/ itself
  old,   // qmail-send may be a wrapper, which runs another program
};

// Ends the marked qmail-send if it still runs, and any of another set that was started
// meanwhile. Then it waits until another one runs: the supervisor's, or one that is started as
// `service` says. The text of a Failure says what must be done by hand.
Result<void> restart_send(const std::string& home, const survey::Service& service,
                          const std::optional<ProcessMark>& leaving, WantedSet wanted,
                          Progress& say);

}  // namespace reqmail::upgrade
