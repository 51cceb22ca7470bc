// qmail-qmqpc: queues a message at another host, by QMQP (qmail-qmqpc(8)).
//
// Runs as: whoever queues mail
// Reads: the message on descriptor 0, the envelope on descriptor 1; control/ me qmqpservers;
//   the server's answer
// Writes: to the server
// Executes: nothing
// Trusts: its caller as far as the server does
// Exits: 0, 11, 31, 51, 54, 55, 61, 71, 72, 73, 74, 81, 91: those of qmail-queue

#include <unistd.h>

#include <string>

#include "mail/verdict_codec.h"
#include "submit/qmqp.h"
#include "sys/exits.h"
#include "sys/program.h"

int main() {
  namespace exits = reqmail::mail::queue_exit;
  namespace sys = reqmail::sys;
  const sys::Program program({
      .out_of_memory = exits::kNoMemory,
      .bug = exits::kBug,
  });
  if (!sys::Program::enter_home()) {
    sys::finish(exits::kHome);
  }
  // If descriptor 1 was closed, reading the envelope must fail; an empty envelope would be
  // another error.
  const int envelope = program.was_given(STDOUT_FILENO) ? STDOUT_FILENO : -1;
  sys::finish(reqmail::submit::submit_by_qmqp(STDIN_FILENO, envelope));
}
