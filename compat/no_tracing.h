// Keeps other processes of the same user from reading the memory of this one.
#pragma once

namespace reqmail::compat {

// Until this process executes another program, processes of the same user cannot use ptrace(2)
// or /proc/PID/mem on it, and it dumps no core.
void forbid_tracing();

}  // namespace reqmail::compat
