// The stack of a process.
#pragma once

namespace reqmail::compat {

// Gives back the memory of the stack that earlier, deeper calls have used, where the system can
// do this. Does nothing in other threads than the first.
void trim_stack();

}  // namespace reqmail::compat
