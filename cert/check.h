// The work of qmail-cert check, which examines all certificates and keys of this installation.
#pragma once

#include <string>

#include "cert/findings.h"

namespace reqmail::cert {

// The exit codes are those of monitoring plugins.
inline constexpr int kExitWarning = 1;
inline constexpr int kExitWrong = 2;

struct Verdict {
  std::string text;  // with `quiet`, only warnings and worse
  int code = 0;
};

Verdict check(const CheckOptions& options, bool quiet);

}  // namespace reqmail::cert
