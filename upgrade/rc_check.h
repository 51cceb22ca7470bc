// Whether HOME/rc, which starts qmail again where no supervisor does, starts what has run.
#pragma once

#include <string>
#include <vector>

#include "upgrade/findings.h"
#include "upgrade/inspection.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

// The words of qmail-start, as the running daemons show them: the default delivery is what
// qmail-lspawn was given, the logger is another child of qmail-send. Only root sees them.
struct StartedWith {
  std::string delivery;
  std::string logger;
};

// What is said where rc says something else. Words that a shell computes are not compared.
std::vector<Finding> compare_rc(const std::string& rc, const ServiceScript& script,
                                const StartedWith& ran);

// Nothing where qmail-send does not run, has a supervisor, or where there is no rc.
std::vector<Finding> check_rc(const std::string& home, const DaemonFacts& facts,
                              const Services& services);

}  // namespace reqmail::upgrade
