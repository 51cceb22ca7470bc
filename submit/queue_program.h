// Starts the queue program as a child and connects pipes to it (qmail-queue(8)).
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
  // The non-blocking ends for writing to the program's descriptors 0 and 1.
  sys::Fd message;
  sys::Fd envelope;
  // The end for reading what the program writes to its descriptors 4 and 6. A program that
  // writes more than a pipe holds waits until somebody reads.
  sys::Fd words;
};

// Starts bin/qmail-queue under qmail's home, or QMAILQUEUE: an absolute path, or one relative
// to the home. If QMAILQUEUE is empty, no program can be executed. A program that cannot be
// executed exits with mail::queue_exit::kNotExecuted. A Failure is temporary: a pipe or a
// process could not be made. SIGPIPE is ignored from now on. Inherited descriptors without
// close-on-exec stay open in the queue program. `environment` has NAME=VALUE strings that
// replace the caller's environment.
Result<QueueProgram> start_queue_program(
    std::optional<std::vector<std::string>> environment = std::nullopt);

}  // namespace reqmail::submit
