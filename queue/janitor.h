// What was never finished goes after 36 hours: longer than any qmail-queue may run (24 hours).
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

inline constexpr base::Seconds kOssified{129600};

// Whether mess/N is old and has neither info/N nor todo/N: states S2 and S3, left by a
// qmail-queue that died. qmail-send asks qmail-clean for "foop" then. Where the files cannot be
// examined, it is not.
bool is_leftover(Files& files, mail::QueueLayout layout, mail::MessageId id, base::Time now);

// Removes old files in pid/; what cannot be removed stays. Failure: pid/ could not be listed.
Result<void> sweep_pid_files(Files& files, base::Time now);

}  // namespace reqmail::queue
