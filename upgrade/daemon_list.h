// The processes of a home: those whose program file lies in its bin.
#pragma once

#include <string>
#include <vector>

#include "upgrade/findings.h"
#include "upgrade/inspection.h"

namespace reqmail::upgrade {

// Only root sees those of other users.
DaemonFacts look_at_daemons(const std::string& home);

std::vector<Finding> check_daemons(const std::string& home, const DaemonFacts& facts);

}  // namespace reqmail::upgrade
