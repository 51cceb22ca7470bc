// All that `check` found: what `apply` works from. Nothing on the host is changed and no
// program of the old qmail is run to learn it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/request.h"

namespace reqmail::survey {

// The layout and contents of the old queue.
struct QueueFacts {
  bool present = false;
  // One more than the highest numbered directory of queue/mess; 0 where there is none.
  std::uint64_t split = 0;
  // The split that the old programs were built with, where their symbols tell.
  std::optional<std::uint64_t> old_split;
  // big-todo: todo/N/ID and intd/N/ID.
  bool todo_split = false;
  bool intd_split = false;
  // Directories missing below `split`, as "info/7".
  std::vector<std::string> holes;
  // Queue directories of the channels patch ("suppl0"), and how many files are in them.
  std::vector<std::string> channels;
  std::uint64_t in_channels = 0;
  // Directories that could not be listed.
  std::vector<std::string> unreadable;
  // Files of queue/lock that are missing or of another type.
  std::vector<std::string> broken_locks;
  std::uint64_t messages = 0;
  std::uint64_t unprocessed = 0;
  std::uint64_t bounces = 0;
  // Message files whose directory is not their number modulo `split`.
  std::uint64_t misplaced = 0;
  // Message files whose name is not the number of their inode: a queue that was copied.
  std::uint64_t renumbered = 0;
};

enum class Supervisor { none, daemontools, runit, s6, systemd };

// "none", "daemontools", "runit", "s6", "systemd".
std::string_view supervisor_name(Supervisor supervisor);

// A process whose program lies in the old home's bin.
struct Daemon {
  pid_t pid = 0;
  std::string program;  // "qmail-send"
  std::string path;     // of the executable, " (deleted)" left out
};

// What starts a daemon again.
struct Service {
  Supervisor supervisor = Supervisor::none;
  // Directory of the service, or the name of the unit.
  std::string place;
  // The pid of the supervising process (supervise, runsv, s6-supervise), 0 for systemd.
  pid_t supervisor_pid = 0;
  // Without a supervisor: PATH of what ran, which rc is given when it starts qmail again.
  std::string path;
};

struct DaemonFacts {
  std::vector<Daemon> daemons;
  // Absent where none runs in this home's queue.
  std::optional<pid_t> qmail_send;
  Service send_service;
};

struct SpaceFacts {
  bool known = false;
  bool read_only = false;
  bool no_setuid = false;
  // Some file systems have as many inodes as they need.
  bool inodes_limited = false;
  std::uint64_t free_bytes = 0;
  std::uint64_t free_inodes = 0;
  // For the copy of the old programs and for the new ones.
  std::uint64_t needed_bytes = 0;
};

struct Inspection {
  // A host without a queue of its own (upgrade/mini_host.h).
  bool mini = false;
  // "notqmail", "s/qmail", "reqmail" ...
  std::string version;
  // Patches whose traces were found, by name, sorted.
  std::vector<std::string> patches;
  QueueFacts queue;
  DaemonFacts daemons;
  SpaceFacts space;
  std::vector<Finding> findings;
};

// Looks at everything. A Failure (exit 111) means that nothing can be said: no home there, no
// permission to look.
Result<Inspection> inspect(const Request& request);

}  // namespace reqmail::survey
