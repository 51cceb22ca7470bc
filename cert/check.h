// qmail-cert check: everything about certificates and keys of this installation.
#pragma once

#include <string>

#include "cert/findings.h"

namespace reqmail::cert {

// For monitors as for people; 1 and 2 are what plugins of monitors say.
inline constexpr int kExitWarning = 1;
inline constexpr int kExitWrong = 2;

struct Verdict {
  std::string text;  // `quiet`: warnings and worse alone
  int code = 0;
};

Verdict check(const CheckOptions& options, bool quiet);

}  // namespace reqmail::cert
