// Every file in the old control directory: honoured, harmless, converted, or lost.
#pragma once

#include <vector>

#include "upgrade/findings.h"
#include "upgrade/programs.h"
#include "upgrade/request.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

// What a certificate is, certificate_check says. `services`: what goes on reading files that
// the old qmail read, and switches of its.
std::vector<Finding> check_control(const Request& request, const OldPrograms& programs,
                                   const Services& services);

}  // namespace reqmail::upgrade
