// Never to gain a privilege again.
#pragma once

namespace reqmail::compat {

// From now on no program that this process or its children run gains anything by setuid or
// setgid bits; nothing where the system has no such thing.
void forbid_new_privileges();

// Whether somebody has said so before: setuid bits have no effect.
bool are_new_privileges_forbidden();

}  // namespace reqmail::compat
