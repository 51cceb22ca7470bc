// Ends daemons whose qmail-send has ended.
//
// If a supervisor starts qmail while lock/sendmutex is held, the new qmail-send ends at once,
// and the other daemons of its set end with it. But the qmail-todo of the ext-todo patch and
// its qmail-clean do not end, and would work on the queue together with the next set.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/progress.h"

namespace reqmail::upgrade {

// Ends every qmail-todo, qmail-clean and spawner of this home (survey/own_processes.h) that has
// no qmail-start or qmail-send among its ancestors, and waits until they have ended; a spawner
// may finish its deliveries first. A Failure names one that does not end.
Result<void> end_strays(const std::string& home, Progress& say);

}  // namespace reqmail::upgrade
