// Keeping other processes of the same user out of this one's memory.
#pragma once

namespace reqmail::compat {

// Until the next program is executed: no ptrace(2) by equals, no /proc/PID/mem, no core dump.
void forbid_tracing();

}  // namespace reqmail::compat
