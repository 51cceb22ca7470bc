// Delivery to a maildir (maildir(5)).
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "local/message_file.h"
#include "local/trace_lines.h"
#include "sys/clock.h"

namespace reqmail::local {

// A delivery that takes longer ends the process with 111 and a line on standard error: readers
// remove files of tmp/ that are older.
inline constexpr unsigned kMaildirSeconds = 86400;

// A name that no other delivery on this host uses: the time to the microsecond, the process,
// and the host with '/' and ':' as \057 and \072. `inode` of the file, where it is known, makes
// it unlike every other name in that maildir.
std::string maildir_name(const sys::PreciseTime& now, pid_t process, ino_t inode,
                         const std::string& host);

// Writes the message into tmp/ and moves it to new/: success means that it is there, on disk,
// under its name. `path` ends with '/'.
Result<void> deliver_to_maildir(const std::string& path, const TraceLines& trace,
                                MessageFile& message);

}  // namespace reqmail::local
