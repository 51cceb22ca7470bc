// Finds requirements of run scripts and tcp rules that reqmail meets in another way or not at
// all.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/request.h"
#include "survey/services.h"

namespace reqmail::survey {

std::vector<Finding> check_scripts(const Services& services, const OldPrograms& programs,
                                   const Request& request);

}  // namespace reqmail::survey
