// Finds malformed lines in the control files of qmail-send.
#pragma once

#include <string>
#include <vector>

#include "base/bad_line.h"
#include "control/check.h"

namespace reqmail::send {

// Returns the words that name no style of bounces.
std::vector<base::BadLine> bad_bounce_styles(const std::vector<std::string>& lines);

// Returns the checks of these files for qmail-showctl --check.
std::vector<control::LineCheck> line_checks();

}  // namespace reqmail::send
