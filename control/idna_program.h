// U-labels of domains, converted by bin/qmail-idna (qmail-idna(8)).
#pragma once

#include <optional>
#include <string>

namespace reqmail::control {

// Returns the domain with A-labels; nullopt if it cannot be converted, or if the program cannot
// be run. What it says is remembered, as long as it is little. For mail::convert_u_labels_by().
std::optional<std::string> convert_by_program(const std::string& domain);

}  // namespace reqmail::control
