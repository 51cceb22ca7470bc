// What run scripts and tcp rules ask of qmail that reqmail does otherwise or not at all.
#pragma once

#include <string>
#include <vector>

#include "upgrade/findings.h"
#include "upgrade/programs.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

// `root` as for find_services.
std::vector<Finding> check_scripts(const Services& services, const OldPrograms& programs,
                                   const std::string& home, const std::string& root);

}  // namespace reqmail::upgrade
