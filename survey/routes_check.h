// Findings on control/smtproutes and control/authsenders, and the conversions of apply.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"

namespace reqmail::survey {

// `path`: the file, absolute, in the control directory.
void add_route_findings(std::vector<Finding>& findings, const std::string& path,
                        std::string_view content, const OldPrograms& programs);

}  // namespace reqmail::survey
