// Every file in the old control directory: honoured, harmless, converted, or lost.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/request.h"
#include "survey/services.h"

namespace reqmail::survey {

// What a certificate is, certificate_check says. `services`: what goes on reading files that
// the old qmail read, and switches of its.
std::vector<Finding> check_control(const Request& request, const OldPrograms& programs,
                                   const Services& services);

}  // namespace reqmail::survey
