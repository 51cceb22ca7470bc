// Every file in the old control directory: honoured, harmless, converted, or lost.
#pragma once

#include <string>
#include <vector>

#include "upgrade/findings.h"
#include "upgrade/programs.h"

namespace reqmail::upgrade {

// `control` is the directory, absolute. What a certificate is, certificate_check says.
std::vector<Finding> check_control(const std::string& control, const OldPrograms& programs);

}  // namespace reqmail::upgrade
