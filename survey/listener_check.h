// What the run scripts of listeners need to keep their effect under reqmail: for AUTH that
// their arguments alone switched on, for AUTH without TLS, and for a program in place of
// qmail-queue.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/request.h"
#include "survey/services.h"

namespace reqmail::survey {

// Returns at most one finding of each kind per script; the lines of a script are one conversion
// of its first finding.
std::vector<Finding> check_listeners(const Services& services, const OldPrograms& programs,
                                     const Request& request);

}  // namespace reqmail::survey
