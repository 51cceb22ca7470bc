// Restricts a process to the few system calls that its work needs.
#pragma once

namespace reqmail::compat {

enum class Calls {
  // Reading and writing open descriptors, making them non-blocking, closing them, and waiting;
  // time, random numbers and memory; ending.
  talking,
  // The same, and connecting new sockets of IPv4 and IPv6 (see checks_new_sockets()).
  asking,
  // Talking, and in addition: taking connections; opening, writing, linking, removing and
  // syncing files; threads. It cannot execute, connect, or change the owner or mode of
  // anything.
  queueing,
  // As `talking`, and receiving descriptors over open sockets.
  receiving,
  // As `asking`, and in addition: taking connections and descriptors; making processes that
  // share nothing with this one, waiting for them, and moving descriptors for them. A process
  // may give up making any more (forbid_processes()).
  dispatching,
};

// From now on this process, which must have a single thread, may make only these system calls.
// Any other one kills it, above all one that executes, or kills another process. The process
// must be unable to gain privileges (no_new_privs.h). Returns false, and changes nothing, if
// the system has no such filter.
bool allow_only(Calls calls);

// Whether `asking` and `dispatching` forbid sockets of other kinds that can be connected. Where
// the C library makes sockets by a call that has its arguments in memory, they do not.
bool checks_new_sockets();

// From now on this process, which must not be root's, cannot make any process or thread. It is
// for a child of one that is `dispatching`. Returns false if the system refuses this.
bool forbid_processes();

}  // namespace reqmail::compat
