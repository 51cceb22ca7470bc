// The script that replaces qmail-start while the daemons are changed (swap.h).
#pragma once

#include <string>

namespace reqmail::upgrade {

// Returns the text of a script that runs the set of daemons in this directory.
std::string gate_text(const std::string& set);

// Returns whether the file is such a script.
bool is_gate(const std::string& path);

}  // namespace reqmail::upgrade
