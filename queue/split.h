// Counts the subdirectories of a queue and checks them.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "queue/files.h"

namespace reqmail::queue {

// Returns mail::count_split() of the queue with these files, expecting the configured split. A
// process should call this only once.
Result<std::uint64_t> count_split(Files& files);

// Returns whether a subdirectory below `split` is missing in mess, info, local or remote. Only
// qmail-send checks this.
bool has_holes(Files& files, std::uint64_t split);

// Returns whether todo is divided into subdirectories too (by the big-todo patch), which only
// qmail-upgrade can read. Such a todo has a directory named 0, which cannot be the number of a
// message.
bool todo_is_split(Files& files);

}  // namespace reqmail::queue
