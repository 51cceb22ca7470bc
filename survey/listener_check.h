// What run scripts of listeners need so that they do the same under reqmail as before:
// AUTH that their arguments alone switched on, AUTH without TLS, a program in front of
// qmail-queue.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/request.h"
#include "survey/services.h"

namespace reqmail::survey {

// At most one finding of each kind a script; the lines of a script are one conversion, of its
// first finding.
std::vector<Finding> check_listeners(const Services& services, const OldPrograms& programs,
                                     const Request& request);

}  // namespace reqmail::survey
