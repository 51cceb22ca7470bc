// Programs that say whether a recipient exists.
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
  // NAME=VALUE strings; ours if absent.
  std::optional<std::vector<std::string>> environment = std::nullopt;
  // What it reads from its descriptor 3; nullopt: it has no such descriptor.
  std::optional<std::string> input = std::nullopt;
  // The descriptor on which it says something; nullopt: it says nothing.
  std::optional<int> says_on = std::nullopt;
};

struct CheckOutcome {
  std::optional<base::ProgramEnd> end;  // nullopt: it took too long and was killed
  std::string said;                     // what a pipe holds of it
};

// Runs it to its end, with /dev/null as its descriptor 0, and our standard error as 1 and 2 if
// it says nothing there. Nothing else that is open here is open there. A program that cannot be
// executed exits with sys::kExecFailed; a Failure means that there was no process or no pipe.
Result<CheckOutcome> run_check(const CheckProgram& program, base::Seconds limit);

}  // namespace reqmail::smtpd
