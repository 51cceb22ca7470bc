// Delivery to a maildir (maildir(5)).
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "local/message_file.h"
#include "local/trace_lines.h"

namespace reqmail::local {

// A delivery that takes longer ends the process with 111 and a line on standard error: readers
// remove files of tmp/ that are older.
inline constexpr unsigned kMaildirSeconds = 86400;

// SECONDS.PROCESS.HOST, a name that no other delivery on this host uses: a process number does
// not come back within a second. From the second maildir of one process on (`sequence` 2),
// SECONDS.PROCESS_SEQUENCE.HOST. '/' and ':' of the host become \057 and \072.
std::string maildir_name(base::Time now, pid_t process, unsigned sequence,
                         const std::string& host);

// Writes the message into tmp/ and moves it to new/: success means that it is there, on disk,
// under its name. `path` ends with '/'; `sequence` counts the maildirs of this process from 1.
Result<void> deliver_to_maildir(const std::string& path, unsigned sequence,
                                const TraceLines& trace, MessageFile& message);

}  // namespace reqmail::local
