// Signals: ignored, at their default, or turned into bytes on a pipe that a main loop polls.
#pragma once

#include <initializer_list>

#include "base/result.h"

namespace reqmail::sys {

void ignore_signals(std::initializer_list<int> numbers);
void default_signals(std::initializer_list<int> numbers);
void block_signals(std::initializer_list<int> numbers);
void unblock_signals(std::initializer_list<int> numbers);

// A parent may have left SIGCHLD ignored, which would lose every exit status: called before the
// first fork.
void reset_child_signal();

// Ends the process with `code` when the signal comes (qmail-queue's and qmail-local's alarms).
void exit_on_signal(int number, int code);

// The signal no longer ends the process but makes a blocked system call fail with EINTR, and
// was_interrupted() true for good. SIGALRM repeats every second, should it come just before
// such a call.
void interrupt_on_signal(int number);
bool was_interrupted();

// From now on each of these signals puts one byte, its number, on a pipe; returns the end to
// read, non-blocking. One such set per process.
Result<int> signals_to_pipe(std::initializer_list<int> numbers);

}  // namespace reqmail::sys
