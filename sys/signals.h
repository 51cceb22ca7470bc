// Signals: ignored, at their default, or turned into bytes on a pipe that a main loop polls.
#pragma once

#include <signal.h>

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

// In a child between fork and exec: signals caught by this process are back at their defaults,
// ignored ones stay ignored, none is blocked.
void forget_signals();

// While it lives no signal is taken: around a fork, so that no handler of ours runs in the
// child.
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

// Catches a signal and does nothing: a write to a broken pipe is an error and nothing more, yet
// the program that a child becomes finds the signal at its default.
void disregard_signals(std::initializer_list<int> numbers);

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
