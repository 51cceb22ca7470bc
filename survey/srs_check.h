// Makes the finding on control/srsdomains of s/qmail, with conversions for apply.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "survey/findings.h"

namespace reqmail::survey {

// `path` is the absolute path of the file in the control directory. Returns nullopt if the file
// cannot be converted, so that its verdict counts (legacy/control_verdicts.h).
std::optional<Finding> check_srs_domains(const std::string& path, std::string_view content);

}  // namespace reqmail::survey
