// Compares the build options of the old programs with those of the new ones.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/request.h"

namespace reqmail::survey {

// Compares the old programs' build options with those of the new ones.
std::vector<Finding> check_build(const Request& request);

}  // namespace reqmail::survey
