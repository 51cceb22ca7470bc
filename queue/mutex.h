// lock/sendmutex, which makes sure that at most one qmail-send uses a queue.
#pragma once

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::queue {

// Takes the lock without waiting; it lasts as long as the descriptor. Failure.error is
// EWOULDBLOCK if another qmail-send has the lock; other errors mean that the file could not be
// opened.
Result<sys::Fd> take_send_mutex();

}  // namespace reqmail::queue
