// What run scripts and tcp rules ask of qmail that reqmail does otherwise or not at all.
#pragma once

#include <vector>

#include "upgrade/findings.h"
#include "upgrade/programs.h"
#include "upgrade/request.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

std::vector<Finding> check_scripts(const Services& services, const OldPrograms& programs,
                                   const Request& request);

}  // namespace reqmail::upgrade
