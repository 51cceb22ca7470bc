// Programs that a .qmail file names (qmail-command(8)).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "local/message_file.h"

namespace reqmail::local {

enum class ProgramOutcome {
  done,
  // Exit code 99: the rest of the .qmail file is skipped.
  skip_rest,
};

// Runs `/bin/sh -c command` with the message from its start on descriptor 0 and waits. A
// program that fails has said why itself: its Failure has no text.
Result<ProgramOutcome> run_program(const std::string& command,
                                   const std::vector<std::string>& environment,
                                   MessageFile& message);

}  // namespace reqmail::local
