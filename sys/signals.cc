#include "sys/signals.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "sys/fd.h"

namespace reqmail::sys {

namespace {

// Handlers can reach only global data: the write end of the self-pipe, the exit codes by signal
// number, and the flag that a signal came. It is global like the actions of signals, which
// belong to the whole process.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
int self_pipe = -1;
volatile int exit_codes[NSIG] = {};
volatile sig_atomic_t interrupted = 0;
// The signals that have a handler of ours, which a child must reset.
bool caught[NSIG] = {};

// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void to_pipe(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  // If the pipe is full, it wakes the reader already, so the byte is not needed.
  (void)!::write(self_pipe, &byte, 1);
  errno = saved;
}

void to_exit(int number) {
  ::_exit(exit_codes[number]);
}

void to_flag(int number) {
  interrupted = 1;
  if (number == SIGALRM) {
    (void)::alarm(1);
  }
}

void to_nothing(int /*number*/) {}

void install(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  (void)::sigaction(number, &action, nullptr);
  caught[number] = handler != SIG_IGN && handler != SIG_DFL;
}

void change_mask(int how, std::initializer_list<int> numbers) {
  sigset_t set;
  (void)::sigemptyset(&set);
  for (const int number : numbers) {
    (void)::sigaddset(&set, number);
  }
  (void)::sigprocmask(how, &set, nullptr);
}

}  // namespace

void ignore_signals(std::initializer_list<int> numbers) {
  for (const int number : numbers) {
    install(number, SIG_IGN);
  }
}

void default_signals(std::initializer_list<int> numbers) {
  for (const int number : numbers) {
    install(number, SIG_DFL);
  }
}

void block_signals(std::initializer_list<int> numbers) {
  change_mask(SIG_BLOCK, numbers);
}

void unblock_signals(std::initializer_list<int> numbers) {
  change_mask(SIG_UNBLOCK, numbers);
}

void reset_child_signal() {
  default_signals({SIGCHLD});
  unblock_signals({SIGCHLD});
}

void forget_signals() {
  for (int number = 1; number < NSIG; ++number) {
    if (caught[number]) {
      // install() would change `caught`, which a child that shares our memory must not do.
      struct sigaction action = {};
      action.sa_handler = SIG_DFL;
      (void)::sigaction(number, &action, nullptr);
    }
  }
  sigset_t none;
  (void)::sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

SignalPause::SignalPause() : before_{} {
  sigset_t all;
  (void)::sigfillset(&all);
  (void)::sigprocmask(SIG_SETMASK, &all, &before_);
}

SignalPause::~SignalPause() {
  (void)::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void disregard_signals(std::initializer_list<int> numbers) {
  for (const int number : numbers) {
    install(number, to_nothing);
  }
}

void exit_on_signal(int number, int code) {
  exit_codes[number] = code;
  install(number, to_exit);
  unblock_signals({number});
}

void interrupt_on_signal(int number) {
  install(number, to_flag);
  unblock_signals({number});
}

bool was_interrupted() {
  return interrupted != 0;
}

Result<int> signals_to_pipe(std::initializer_list<int> numbers) {
  auto pipe = make_pipe();
  if (!pipe) {
    return pipe.error();
  }
  set_nonblocking(pipe->read.get());
  set_nonblocking(pipe->write.get());
  self_pipe = pipe->write.release();
  for (const int number : numbers) {
    install(number, to_pipe);
  }
  change_mask(SIG_UNBLOCK, numbers);
  return pipe->read.release();
}

}  // namespace reqmail::sys
