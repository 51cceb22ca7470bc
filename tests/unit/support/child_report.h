// Runs code of a test in a child, and returns how it ends and what it writes to a descriptor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/program_end.h"

namespace reqmail::tests {

// Runs `body` in a child, which exits with 99 if the body returns.
base::ProgramEnd in_child(const std::function<void()>& body);

struct ChildReport {
  base::ProgramEnd end;
  // Everything that was written to the descriptor, up to 1 MiB.
  std::string said;
};

// The same with a pipe as the child's descriptor `fd`. `once_it_speaks` is called in this
// process with the child's process ID when the first bytes have come or the child has closed
// the descriptor.
ChildReport report_of_child(
    int fd, const std::function<void()>& body,
    const std::function<void(pid_t)>& once_it_speaks = [](pid_t) {});

}  // namespace reqmail::tests
