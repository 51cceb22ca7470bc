// Compares owners and modes in the old home with the accounts of this host and with the needs
// of the new programs.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"
#include "survey/services.h"

namespace reqmail::survey {

// Accounts that are missing, and places that belong to other ids than theirs.
// A link in the place of qmail-queue is another program, whose owner says nothing.
std::vector<Finding> check_ids(const std::string& home, const OldPrograms& programs);

// The setuid bit of qmail-queue, other setuid programs, places that anybody may write to, files
// with secrets that anybody may read.
std::vector<Finding> check_modes(const std::string& home, const OldPrograms& programs,
                                 const Services& services);

}  // namespace reqmail::survey
