// Runs programs that check recipients.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/program_end.h"
#include "base/result.h"
#include "base/time.h"

namespace reqmail::smtpd {

struct CheckProgram {
  std::vector<std::string> command;
  // NAME=VALUE strings; our own environment if absent.
  std::optional<std::vector<std::string>> environment = std::nullopt;
  // The text that it reads from its descriptor 3; nullopt if it has no such descriptor.
  std::optional<std::string> input = std::nullopt;
  // The descriptor to which it writes; nullopt if it writes nothing.
  std::optional<int> says_on = std::nullopt;
};

struct CheckOutcome {
  std::optional<base::ProgramEnd> end;  // nullopt if it was killed after the limit
  std::string said;                     // its output, as much as a pipe holds
};

// Runs the program to its end, with /dev/null as its descriptor 0, and our standard error as 1
// and 2 unless it writes its output there. It gets no other open descriptors. A program that
// cannot be executed exits with sys::kExecFailed; a Failure means that a process or a pipe
// could not be made.
Result<CheckOutcome> run_check(const CheckProgram& program, base::Seconds limit);

}  // namespace reqmail::smtpd
