// lock/sendmutex: at most one qmail-send works on a queue.
#pragma once

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::queue {

// Takes the lock without waiting; it lasts as long as the descriptor. Failure.error
// EWOULDBLOCK: another qmail-send has it; anything else: the file could not be opened.
Result<sys::Fd> take_send_mutex();

}  // namespace reqmail::queue
