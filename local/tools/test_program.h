// Runs the programs on whose exit codes condredirect, except and bouncesaying act.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::local {

// Runs a program with its arguments and waits; returns whether it succeeded (exit code 0). A
// program that permanently cannot be executed counts as failed. A Failure is temporary: the
// program crashed, ended with 111, or temporarily cannot be executed.
Result<bool> program_succeeds(const std::vector<std::string>& command);

}  // namespace reqmail::local
