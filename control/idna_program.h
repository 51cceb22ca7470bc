// U-labels of domains, converted by bin/qmail-idna (qmail-idna(8)).
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::control {

// Returns the domain with A-labels; the Failure is permanent if it cannot be converted, and
// temporary if the program gives no answer. What it says is remembered, as long as it is
// little. For mail::convert_u_labels_by().
Result<std::string> convert_by_program(const std::string& domain);

}  // namespace reqmail::control
