// What the environment variables of run scripts and tcp rules mean to reqmail.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "survey/findings.h"
#include "survey/services.h"

namespace reqmail::survey {

// One finding a variable and severity, with all its places. `root` as for find_services.
std::vector<Finding> check_variables(const Services& services, const std::string& home,
                                     const std::string& root);

// Whether a script or a rule puts a program that can be run into this variable (QMAILQUEUE,
// QMAILREMOTE, QMAILLOCAL).
bool names_program(const Services& services, std::string_view variable, const std::string& home,
                   const std::string& root);

// Whether a script or a rule sets the variable to something else than 0.
bool is_switched_on(const Services& services, std::string_view variable);

// The last value of a name.
std::optional<std::string> last_value(const std::vector<legacy::Setting>& settings,
                                      std::string_view name);

// Begins with a number above 0.
bool is_positive(const std::optional<std::string>& value);

}  // namespace reqmail::survey
