// Delivers to a maildir (maildir(5)).
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "local/message_file.h"
#include "local/trace_lines.h"

namespace reqmail::local {

// A delivery that takes longer than this ends the process with 111 and a line on standard
// error, since mail readers remove older files in tmp/.
inline constexpr unsigned kMaildirSeconds = 86400;

// Returns SECONDS.PROCESS.HOST. No other delivery on this host uses this name, since a process
// ID is not used again within a second. From the second maildir of a process on (`sequence` 2)
// the form is SECONDS.PROCESS_SEQUENCE.HOST. '/' and ':' in the host become \057 and \072.
std::string maildir_name(base::Time now, pid_t process, unsigned sequence,
                         const std::string& host);

// Writes the message to tmp/ and moves it to new/. After success it is on disk under its name.
// `path` ends with '/'; `sequence` counts the maildirs of this process from 1.
Result<void> deliver_to_maildir(const std::string& path, unsigned sequence,
                                const TraceLines& trace, MessageFile& message);

}  // namespace reqmail::local
