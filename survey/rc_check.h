// Whether HOME/rc, which starts qmail again where no supervisor does, starts what has run.
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

// The words of qmail-start, as the running daemons show them: the default delivery is what
// qmail-lspawn was given, the logger is another child of qmail-send. Only root sees them.
struct StartedWith {
  std::string delivery;
  std::string logger;
};

// The value of a variable, where it is set.
using VariableReader = std::function<std::optional<std::string>(std::string_view name)>;

// What is said where rc says something else. Words that a shell computes are not compared.
std::vector<Finding> compare_rc(const std::string& rc, const ServiceScript& script,
                                const StartedWith& ran);

// The same of the variables that qmail's programs heed: `ran` reads what qmail-send was started
// with, `caller` what rc would get. Of PATH the order of directories counts, and rc gets the
// one that ran.
std::vector<Finding> compare_rc_variables(const std::string& rc, const ServiceScript& script,
                                          const VariableReader& ran,
                                          const VariableReader& caller);

// Returns nothing if qmail-send does not run, has a supervisor, or if there is no rc.
std::vector<Finding> check_rc(const std::string& home, const DaemonFacts& facts,
                              const Services& services);

}  // namespace reqmail::survey
