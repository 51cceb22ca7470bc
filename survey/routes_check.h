// Makes findings on control/smtproutes and control/authsenders, with conversions for apply.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "survey/findings.h"
#include "survey/programs.h"

namespace reqmail::survey {

// `path` is the absolute path of the file in the control directory.
void add_route_findings(std::vector<Finding>& findings, const std::string& path,
                        std::string_view content, const OldPrograms& programs);

}  // namespace reqmail::survey
