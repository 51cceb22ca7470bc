// What qmail-clean does for a command.
#pragma once

#include "mail/clean_command.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

// Removes the files of a command; those that are not there are as good as removed.
// mail::kCleanDone or mail::kCleanFailed.
char clean(Files& files, mail::QueueLayout layout, const mail::CleanCommand& command);

}  // namespace reqmail::queue
