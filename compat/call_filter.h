// Keeping a process to the few system calls that its work needs.
#pragma once

namespace reqmail::compat {

// From now on this process, of one thread, may read and write what it has open, make that
// non-blocking, close it, wait, ask for time, random numbers and memory, and end. Any other
// system call, one that opens, connects, forks or executes above all, kills it. Needs a process
// that can gain no privileges (no_new_privs.h). False: the system has no such thing, and
// nothing has changed.
bool allow_only_talking();

}  // namespace reqmail::compat
