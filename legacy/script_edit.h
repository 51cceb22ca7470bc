// Adds lines to run scripts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "legacy/script_text.h"

namespace reqmail::legacy {

// A changed script, and the line that differs, before (empty if it was added) and after the
// change.
struct ScriptEdit {
  std::string content;
  std::string old_line;
  std::string new_line;
};

// Adds NAME=VALUE for each setting to the environment of the program that the line at
// `line_begin` starts: by a line before it, or, if "env -" empties the environment there, by
// words after that.
ScriptEdit with_settings(std::string_view text, ScriptKind kind, std::size_t line_begin,
                         const std::vector<Setting>& settings);

// Returns the line that with_settings() adds.
std::string setting_line(ScriptKind kind, const std::vector<Setting>& settings);

}  // namespace reqmail::legacy
