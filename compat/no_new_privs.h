// Makes sure that a process never gains privileges again.
#pragma once

namespace reqmail::compat {

// From now on the setuid and setgid bits of programs that this process or its children execute
// have no effect. Does nothing if the system does not support this.
void forbid_new_privileges();

// Returns whether this process is in that state, so that setuid bits have no effect.
bool are_new_privileges_forbidden();

}  // namespace reqmail::compat
