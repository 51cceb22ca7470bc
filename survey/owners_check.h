// Compares owners and modes in the old home with the accounts of this host and with the needs
// of the new programs.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/services.h"

namespace reqmail::survey {

// Returns findings on missing accounts, and on places that belong to other ids than those of
// their accounts. If qmail-queue is a link to another program, its owner does not matter.
std::vector<Finding> check_ids(const std::string& home, const OldPrograms& programs);

// Returns findings on the setuid bit of qmail-queue, other setuid programs, places that anybody
// may write, and files with secrets that anybody may read.
std::vector<Finding> check_modes(const std::string& home, const OldPrograms& programs,
                                 const Services& services);

}  // namespace reqmail::survey
