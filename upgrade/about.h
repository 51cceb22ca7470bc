// The short way to a Finding.
#pragma once

#include <string>

#include "upgrade/findings.h"

namespace reqmail::upgrade {

// One without origin and conversions.
Finding about(const std::string& subject, std::string code, Severity severity, std::string text,
              std::string action);

}  // namespace reqmail::upgrade
