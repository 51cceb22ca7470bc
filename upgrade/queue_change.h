// The changes of the queue while the programs change.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/progress.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// Waits until no qmail-queue runs that was started before the programs changed, for a few
// seconds at most: such a program takes as long as its message takes to come.
void wait_for_earlier_queue_programs(const std::string& home);

// Ends what the old set of daemons has left and empties further channels. The caller holds the
// queue.
Result<void> convert_queue(const std::string& home, const Record& record, Progress& say);

// Divides the todo again until no newer qmail-queue can add a message to it, and wakes
// qmail-send each time. A Failure names one that does not end.
Result<void> sweep_todo(const std::string& home, const TodoLayout& layout);

}  // namespace reqmail::upgrade
