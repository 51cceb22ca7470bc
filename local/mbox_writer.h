// Delivers to an mbox file (mbox(5)).
#pragma once

#include <string>

#include "base/result.h"
#include "local/message_file.h"
#include "local/trace_lines.h"

namespace reqmail::local {

// How long another program may hold the lock; after that the process ends with 111 and a line
// on standard error.
inline constexpr unsigned kMboxLockSeconds = 30;

// Appends the message. After success it is on disk, with the name of a new file. After a
// failure the file has its old length again.
Result<void> deliver_to_mbox(const std::string& path, const TraceLines& trace,
                             MessageFile& message);

}  // namespace reqmail::local
