// Examines what the environment variables of run scripts and tcp rules mean to reqmail.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "survey/findings.h"
#include "survey/services.h"

namespace reqmail::survey {

// Returns one finding for each variable and severity, with all its places. `root` is that of
// find_services().
std::vector<Finding> check_variables(const Services& services, const std::string& home,
                                     const std::string& root);

// Returns whether a script or a rule sets this variable (QMAILQUEUE, QMAILREMOTE, QMAILLOCAL)
// to an executable program.
bool names_program(const Services& services, std::string_view variable, const std::string& home,
                   const std::string& root);

// Returns whether a script or a rule sets the variable to something else than 0.
bool is_switched_on(const Services& services, std::string_view variable);

// Returns the last value of a variable.
std::optional<std::string> last_value(const std::vector<legacy::Setting>& settings,
                                      std::string_view name);

// Returns whether the value begins with a number above 0.
bool is_positive(const std::optional<std::string>& value);

}  // namespace reqmail::survey
