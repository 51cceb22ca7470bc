// Restricts a process to work that leaves no trace outside it: it may read files and has the
// descriptors that it was given. This is for a program that must open files that are not known
// before; compat/call_filter.h is stricter.
#pragma once

namespace reqmail::compat {

// From now on this process, which must have a single thread, and all its children can neither
// change, create or remove files, nor open network connections, nor signal, trace or inspect
// other processes: such system calls fail with EPERM. `executes`: they may still execute other
// programs, for which the same holds. The process must be unable to gain privileges
// (no_new_privs.h). Returns false, and changes nothing, if the system has no such filter.
// Allocates nothing.
bool only_read_files(bool executes);

}  // namespace reqmail::compat
