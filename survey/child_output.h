// Captures the output of programs: small tools of the host, and programs of our own tree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace reqmail::survey {

// Runs `program` (a path, or a name to be found in PATH) with these arguments, the first of
// which is its name, and waits for it. Returns what it wrote to its standard output, at most 1
// MiB. Returns nullopt if it cannot be executed, fails, prints more, or prints nothing for
// longer than `silence`, after which it is killed.
std::optional<std::string> child_output(const std::string& program,
                                        const std::vector<std::string>& arguments,
                                        std::optional<base::Seconds> silence = std::nullopt);

}  // namespace reqmail::survey
