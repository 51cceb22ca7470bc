// Compares the build options of the old programs with those of the new ones.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/request.h"

namespace reqmail::survey {

// Compares them with what the new programs were built with.
std::vector<Finding> check_build(const Request& request);

}  // namespace reqmail::survey
