// How a program ends. qmail's exit codes are contract: a careless 1 from qmail-local would
// bounce mail.
#pragma once

#include "base/exit_code.h"

namespace reqmail::sys {

using base::kExitPermanent;
using base::kExitSuccess;
using base::kExitTemporary;

// Ends the process at once, without destructors or atexit functions.
[[noreturn]] void finish(int code);

}  // namespace reqmail::sys
