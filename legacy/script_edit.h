// Lines that are added to run scripts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "legacy/script_text.h"

namespace reqmail::legacy {

// A changed script, and the line that differs: as it was (empty where one was added) and is.
struct ScriptEdit {
  std::string content;
  std::string old_line;
  std::string new_line;
};

// NAME=VALUE for each setting in the environment of what the line at `line_begin` starts: a
// line before it, or, where "env -" empties the environment there, words after that.
ScriptEdit with_settings(std::string_view text, ScriptKind kind, std::size_t line_begin,
                         const std::vector<Setting>& settings);

// The line that with_settings() adds where it adds one.
std::string setting_line(ScriptKind kind, const std::vector<Setting>& settings);

}  // namespace reqmail::legacy
