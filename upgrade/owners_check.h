// Owners and modes in the old home, held against the accounts of this host and against what the
// new programs need.
#pragma once

#include <string>
#include <vector>

#include "upgrade/findings.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

// Accounts that are missing, and places that belong to other ids than theirs.
std::vector<Finding> check_ids(const std::string& home);

// The setuid bit of qmail-queue, other setuid programs, places that anybody may write to, files
// with secrets that anybody may read.
std::vector<Finding> check_modes(const std::string& home, const Services& services);

}  // namespace reqmail::upgrade
