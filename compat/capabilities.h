// The privileges that some systems cut root's power into.
#pragma once

namespace reqmail::compat {

// A process that is no longer root keeps no capability, whatever its securebits say: what a
// program has that such a process executes. Inheritable ones stay, as they do there.
void drop_capabilities();

}  // namespace reqmail::compat
