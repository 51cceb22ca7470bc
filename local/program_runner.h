// Runs programs of .qmail files (qmail-command(8)).
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

// Runs `/bin/sh -c command` with the message from its beginning on descriptor 0, and waits. If
// the program fails, the Failure has no text, since the program itself has reported the reason.
Result<ProgramOutcome> run_program(const std::string& command,
                                   const std::vector<std::string>& environment,
                                   MessageFile& message);

}  // namespace reqmail::local
