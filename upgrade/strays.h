// Daemons whose qmail-send has ended.
//
// Where a supervisor starts qmail while lock/sendmutex is held, the new qmail-send ends at
// once, and the rest of its set with it. The qmail-todo of the ext-todo patch does not: it
// stays, and so does its qmail-clean, and both would go on with the queue beside the next set.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/progress.h"

namespace reqmail::upgrade {

// Ends every qmail-todo, qmail-clean and spawner of this home (survey/own_processes.h) that has
// no qmail-start or qmail-send above it, and waits until they are gone; a spawner may finish
// its deliveries first. A Failure names one that does not end.
Result<void> end_strays(const std::string& home, Progress& say);

}  // namespace reqmail::upgrade
