// The control files of qmail-remote for qmail-showctl --check.
#pragma once

#include <vector>

#include "control/check.h"

namespace reqmail::remote {

std::vector<control::LineCheck> line_checks();

}  // namespace reqmail::remote
