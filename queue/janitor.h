// Removes unfinished files after 36 hours, which is longer than a qmail-queue may run (24
// hours).
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

inline constexpr base::Seconds kOssified{129600};

// Returns whether mess/N is old and has neither info/N nor todo/N. These are states S2 and S3
// of a qmail-queue that died; qmail-send then sends qmail-clean the command "foop". Returns
// false if the files cannot be examined.
bool is_leftover(Files& files, mail::QueueLayout layout, mail::MessageId id, base::Time now);

// Removes old files in pid/ as far as possible. It is a Failure if pid/ could not be listed.
Result<void> sweep_pid_files(Files& files, base::Time now);

}  // namespace reqmail::queue
