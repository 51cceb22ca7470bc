// The script in the place of qmail-start while the daemons change (swap.h).
#pragma once

#include <string>

namespace reqmail::upgrade {

// The text of a script that runs the set of daemons in this directory.
std::string gate_text(const std::string& set);

// Whether the file is such a script.
bool is_gate(const std::string& path);

}  // namespace reqmail::upgrade
