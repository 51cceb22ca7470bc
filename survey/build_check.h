// What the old programs were built with, held against what the new ones were built with.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/request.h"

namespace reqmail::survey {

// Compares them with what the new programs were built with.
std::vector<Finding> check_build(const Request& request);

}  // namespace reqmail::survey
