// Keeping a process to the few system calls that its work needs.
#pragma once

namespace reqmail::compat {

enum class Calls {
  // Reading and writing what is open, making it non-blocking, closing it, waiting; time, random
  // numbers, memory; the end.
  talking,
  // The same, and connecting new sockets.
  asking,
};

// From now on this process, of one thread, may make these system calls. Any other, one that
// opens, forks, kills or executes above all, kills it. Needs a process that can gain no
// privileges (no_new_privs.h). False: the system has no such thing, and nothing has changed.
bool allow_only(Calls calls);

}  // namespace reqmail::compat
