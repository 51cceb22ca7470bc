// Programs that decide: condredirect, except and bouncesaying run one and act on its answer.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::local {

// Runs a program with its arguments and waits: whether it succeeded (exit code 0). One that
// cannot be run for good has failed. A Failure is temporary: the program crashed, ended with
// 111, or cannot be run for the moment.
Result<bool> program_succeeds(const std::vector<std::string>& command);

}  // namespace reqmail::local
