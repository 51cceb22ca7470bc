// Finds the processes of a home: those whose program file is in its bin.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"

namespace reqmail::survey {

// Only root can see the program files of other users' processes.
DaemonFacts look_at_daemons(const std::string& home);

std::vector<Finding> check_daemons(const std::string& home, const DaemonFacts& facts);

}  // namespace reqmail::survey
