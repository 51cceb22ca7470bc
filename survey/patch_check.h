// Features of the recognised patches that have no control file or variable.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/services.h"

namespace reqmail::survey {

std::vector<Finding> check_patches(const std::string& home, const OldPrograms& programs,
                                   const Services& services);

}  // namespace reqmail::survey
