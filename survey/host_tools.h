// Runs small tools of the host, mainly those of its supervisor.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reqmail::survey {

// Runs a tool, without a time limit. Its name is the first of the arguments and is looked up in
// PATH and in the supervisors' usual directories. Returns what it printed; nullopt if it is
// missing or fails.
std::optional<std::string> run_tool(const std::vector<std::string>& arguments);

}  // namespace reqmail::survey
