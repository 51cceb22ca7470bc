// Keeping other processes of the same user out of this one's memory; what keeps it small itself.
#pragma once

namespace reqmail::compat {

// Until the next program is executed: no ptrace(2) by equals, no /proc/PID/mem, no core dump.
void forbid_tracing();

// Whether the setuid bit of programs that this process executes has no effect.
bool ignores_setuid();

}  // namespace reqmail::compat
