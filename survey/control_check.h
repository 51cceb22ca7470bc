// Examines every file in the old control directory: it is honoured, harmless, converted or
// lost.
#pragma once

#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/request.h"
#include "survey/services.h"

namespace reqmail::survey {

// Returns the findings; certificate_check has those on the certificate. `services` tells which
// programs will continue to read files of the old qmail, and has switches of the old qmail.
std::vector<Finding> check_control(const Request& request, const OldPrograms& programs,
                                   const Services& services);

}  // namespace reqmail::survey
