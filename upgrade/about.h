// The short way to a Finding.
#pragma once

#include <string>
#include <string_view>

#include "upgrade/findings.h"

namespace reqmail::upgrade {

// One without origin and conversions.
Finding about(const std::string& subject, std::string code, Severity severity, std::string text,
              std::string action);

// Bytes outside 32..126 as '?'.
std::string visible(std::string_view text);

}  // namespace reqmail::upgrade
