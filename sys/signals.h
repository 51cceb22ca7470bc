// Signals, which are ignored, have their default action, or become bytes on a pipe that a main
// loop polls.
#pragma once

#include <signal.h>

#include <initializer_list>

#include "base/result.h"

namespace reqmail::sys {

void ignore_signals(std::initializer_list<int> numbers);
void default_signals(std::initializer_list<int> numbers);
void block_signals(std::initializer_list<int> numbers);
void unblock_signals(std::initializer_list<int> numbers);

// Sets the default action of SIGCHLD and unblocks it; called before the first fork. A parent
// may have left it ignored, and then all exit statuses would be lost.
void reset_child_signal();

// Called in a child between fork and exec: signals that this process catches get their default
// action, ignored ones stay ignored, and none is blocked.
void forget_signals();

// While this object exists all signals are blocked. It is for the time around a fork, so that
// no handler of ours runs in the child.
class SignalPause {
 public:
  SignalPause();
  ~SignalPause();
  SignalPause(const SignalPause&) = delete;
  SignalPause& operator=(const SignalPause&) = delete;
  SignalPause(SignalPause&&) = delete;
  SignalPause& operator=(SignalPause&&) = delete;

 private:
  sigset_t before_;
};

// Catches a signal and does nothing: a write to a broken pipe only fails, and yet the signal
// has its default action in programs that children execute.
void disregard_signals(std::initializer_list<int> numbers);

// Makes the signal end the process with `code` (for the alarms of qmail-queue and qmail-local).
void exit_on_signal(int number, int code);

// Makes the signal interrupt a blocked system call with EINTR instead of ending the process,
// and was_interrupted() true for good. SIGALRM repeats every second, in case it comes just
// before such a call.
void interrupt_on_signal(int number);
bool was_interrupted();

// Makes each of these signals write one byte, its number, to a pipe; returns the non-blocking
// end to read. A process may call this only once.
Result<int> signals_to_pipe(std::initializer_list<int> numbers);

}  // namespace reqmail::sys
