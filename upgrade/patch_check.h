// What the recognised patches did without a control file or variable that could be named.
#pragma once

#include <vector>

#include "upgrade/findings.h"
#include "upgrade/programs.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

std::vector<Finding> check_patches(const OldPrograms& programs, const Services& services);

}  // namespace reqmail::upgrade
