// The queue program as a child: which one is run, and the caller's ends of its pipes
// (qmail-queue(8)).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::submit {

struct QueueProgram {
  sys::Child child;
  // To write: the program's descriptors 0 and 1. Neither blocks.
  sys::Fd message;
  sys::Fd envelope;
  // To read: what it says on its descriptors 4 and 6. One that says more than a pipe holds
  // waits until somebody reads.
  sys::Fd words;
};

// Starts bin/qmail-queue under qmail's home, or QMAILQUEUE (an absolute path, or one relative
// to the home; empty: unable to run). A Failure is temporary: no pipe or no process could be
// had. A program that cannot be run exits with mail::queue_exit::kNotExecuted. SIGPIPE is
// ignored from now on. Descriptors that the caller got without close-on-exec stay open in the
// queue program. `environment`: NAME=VALUE strings for it in the place of the caller's.
Result<QueueProgram> start_queue_program(
    std::optional<std::vector<std::string>> environment = std::nullopt);

}  // namespace reqmail::submit
