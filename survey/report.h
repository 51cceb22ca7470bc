// The report of `check`, as text for people or as JSON for programs.
#pragma once

#include <string>

#include "survey/inspection.h"
#include "survey/request.h"

namespace reqmail::survey {

std::string report_text(const Request& request, const Inspection& inspection);
std::string report_json(const Request& request, const Inspection& inspection);

}  // namespace reqmail::survey
