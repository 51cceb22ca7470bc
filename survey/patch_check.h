// What the recognised patches did without a control file or variable that could be named.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/services.h"

namespace reqmail::survey {

std::vector<Finding> check_patches(const OldPrograms& programs, const Services& services);

}  // namespace reqmail::survey
