// The report of `check`: text for a person, JSON for a program.
#pragma once

#include <string>

#include "upgrade/inspection.h"
#include "upgrade/request.h"

namespace reqmail::upgrade {

std::string report_text(const Request& request, const Inspection& inspection);
std::string report_json(const Request& request, const Inspection& inspection);

}  // namespace reqmail::upgrade
