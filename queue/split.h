// How many subdirectories a queue has, and whether they are as they should be.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "queue/files.h"

namespace reqmail::queue {

// mail::count_split() of the queue that these are the files of; the configured split is
// expected. It is counted once per process.
Result<std::uint64_t> count_split(Files& files);

// Whether a subdirectory below `split` is missing in mess, info, local or remote. qmail-send
// alone looks.
bool has_holes(Files& files, std::uint64_t split);

// Whether todo is divided into subdirectories too (the big-todo patch), which only
// qmail-upgrade can read: such a todo has a directory named 0, which is no message's number.
bool todo_is_split(Files& files);

}  // namespace reqmail::queue
