// Changes the queue while the programs are replaced.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/progress.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// Waits until no qmail-queue runs that was started before the programs changed, but only for a
// few seconds, since such a program runs for as long as its message takes to arrive.
void wait_for_earlier_queue_programs(const std::string& home);

// Ends the daemons that the old set has left, and empties additional channels. The caller must
// hold the queue.
Result<void> convert_queue(const std::string& home, const Record& record, Progress& say);

// Divides todo again until no newer qmail-queue can add a message to it, and wakes qmail-send
// each time. A Failure names a qmail-queue that does not end.
Result<void> sweep_todo(const std::string& home, const TodoLayout& layout);

}  // namespace reqmail::upgrade
