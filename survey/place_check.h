// Examines the new tree, the space on the disk, and a certificate that switches TLS on.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"
#include "survey/programs.h"

namespace reqmail::survey {

// Returns findings on what is missing in the new tree, and on whether it was built for this
// home. `mini` means a host without a queue.
std::vector<Finding> check_tree(const Request& request, bool mini);

SpaceFacts look_at_space(const Request& request);

std::vector<Finding> check_space(const std::string& home, const SpaceFacts& facts);

// Returns the finding on control/servercert.pem: what it switches on, with its name and expiry
// according to TREE/bin/qmail-cert. That program runs with a time limit; if it fails, the
// finding has less information.
std::vector<Finding> check_certificate(const Request& request, const OldPrograms& programs);

}  // namespace reqmail::survey
