// Capabilities, the parts into which some systems divide root's privileges.
#pragma once

namespace reqmail::compat {

// Drops the effective and permitted capabilities of a process that is no longer root, whatever
// its securebits are, so that it has the same as a program that such a process executes.
// Inheritable capabilities are kept, as an exec keeps them.
void drop_capabilities();

}  // namespace reqmail::compat
