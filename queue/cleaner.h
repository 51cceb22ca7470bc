// Carries out the commands of qmail-clean.
#pragma once

#include "mail/clean_command.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

// Removes the files of a command; it is no error if a file does not exist. Returns
// mail::kCleanDone or mail::kCleanFailed.
char clean(Files& files, mail::QueueLayout layout, const mail::CleanCommand& command);

}  // namespace reqmail::queue
