// How a program ends. The exit codes of qmail's programs are part of their interface: a
// careless 1 from qmail-local would bounce mail.
#pragma once

#include "base/exit_code.h"

namespace reqmail::sys {

using base::kExitPermanent;
using base::kExitSuccess;
using base::kExitTemporary;

// Ends the process at once, without destructors or atexit functions.
[[noreturn]] void finish(int code);

}  // namespace reqmail::sys
