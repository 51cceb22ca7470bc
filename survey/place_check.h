// The new tree, the room on the disk, and a certificate that switches TLS on.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"
#include "survey/programs.h"

namespace reqmail::survey {

// What is missing in the new tree, and whether it is made for this home. `mini`: a host without
// a queue.
std::vector<Finding> check_tree(const Request& request, bool mini);

SpaceFacts look_at_space(const Request& request);

std::vector<Finding> check_space(const std::string& home, const SpaceFacts& facts);

// control/servercert.pem: what it switches on, with its name and expiry as TREE/bin/qmail-cert
// tells them. That program is run with a time limit; without it the finding says less.
std::vector<Finding> check_certificate(const Request& request, const OldPrograms& programs);

}  // namespace reqmail::survey
