// Checks whether HOME/rc, which starts qmail again if there is no supervisor, starts what is
// running.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"
#include "survey/services.h"

namespace reqmail::survey {

// The arguments of qmail-start according to the running daemons: the default delivery is the
// argument of qmail-lspawn, and the logger is another child of qmail-send. Only root sees them.
struct StartedWith {
  std::string delivery;
  std::string logger;
};

// Returns the value of a variable; nullopt if it is not set.
using VariableReader = std::function<std::optional<std::string>(std::string_view name)>;

// Returns findings if rc has other arguments. Words that a shell computes are not compared.
std::vector<Finding> compare_rc(const std::string& rc, const ServiceScript& script,
                                const StartedWith& ran);

// Does the same for the variables that qmail's programs use: `ran` reads the environment with
// which qmail-send was started, `caller` the one that rc would get. For PATH the order of
// directories is compared, since rc gets the PATH of the running programs.
std::vector<Finding> compare_rc_variables(const std::string& rc, const ServiceScript& script,
                                          const VariableReader& ran,
                                          const VariableReader& caller);

// Returns no findings if qmail-send does not run or has a supervisor, or if there is no rc.
std::vector<Finding> check_rc(const std::string& home, const DaemonFacts& facts,
                              const Services& services);

}  // namespace reqmail::survey
