// Small tools of the host, those of its supervisor above all.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reqmail::survey {

// Runs a tool, the first of the words, which lies in PATH or where supervisors have theirs, for
// as long as it takes. Returns what it printed; nullopt if it is missing or fails.
std::optional<std::string> run_tool(const std::vector<std::string>& arguments);

}  // namespace reqmail::survey
