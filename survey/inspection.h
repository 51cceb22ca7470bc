// Everything that `check` finds, from which `apply` works. It changes nothing on the host and
// executes no program of the old qmail.
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
  // One more than the highest numbered directory of queue/mess; 0 if there is none.
  std::uint64_t split = 0;
  // The split that was compiled into the old programs, if their symbols tell.
  std::optional<std::uint64_t> old_split;
  // Whether the queue has todo/N/ID and intd/N/ID (big-todo).
  bool todo_split = false;
  bool intd_split = false;
  // The directories that are missing below `split`, such as "info/7".
  std::vector<std::string> holes;
  // The queue directories of the channels patch ("suppl0"), and the number of files in them.
  std::vector<std::string> channels;
  std::uint64_t in_channels = 0;
  // Directories that could not be listed.
  std::vector<std::string> unreadable;
  // The files of queue/lock that are missing or of another type.
  std::vector<std::string> broken_locks;
  std::uint64_t messages = 0;
  std::uint64_t unprocessed = 0;
  std::uint64_t bounces = 0;
  // The number of message files whose directory is not their number modulo `split`.
  std::uint64_t misplaced = 0;
  // The number of message files whose name is not their inode number, because the queue was
  // copied.
  std::uint64_t renumbered = 0;
};

enum class Supervisor { none, daemontools, runit, s6, systemd };

// Returns "none", "daemontools", "runit", "s6" or "systemd".
std::string_view supervisor_name(Supervisor supervisor);

// A process whose program is in the old home's bin.
struct Daemon {
  pid_t pid = 0;
  std::string program;  // "qmail-send"
  std::string path;     // of the executable, " (deleted)" left out
};

// How a daemon is started again.
struct Service {
  Supervisor supervisor = Supervisor::none;
  // The directory of the service, or the name of the unit.
  std::string place;
  // The process ID of the supervising process (supervise, runsv, s6-supervise); 0 for systemd.
  pid_t supervisor_pid = 0;
  // Without a supervisor: PATH of the running programs, which rc gets when it starts qmail
  // again.
  std::string path;
};

struct DaemonFacts {
  std::vector<Daemon> daemons;
  // The running qmail-send of this home's queue; absent if there is none.
  std::optional<pid_t> qmail_send;
  Service send_service;
};

struct SpaceFacts {
  bool known = false;
  bool read_only = false;
  bool no_setuid = false;
  // Whether the file system has a fixed number of inodes.
  bool inodes_limited = false;
  std::uint64_t free_bytes = 0;
  std::uint64_t free_inodes = 0;
  // The space for the copy of the old programs and for the new ones.
  std::uint64_t needed_bytes = 0;
};

struct Inspection {
  // Whether the host has no queue of its own (survey/mini_host.h).
  bool mini = false;
  // The old qmail: "notqmail", "s/qmail", "reqmail" ...
  std::string version;
  // The names of the patches whose traces were found, sorted.
  std::vector<std::string> patches;
  QueueFacts queue;
  DaemonFacts daemons;
  SpaceFacts space;
  std::vector<Finding> findings;
};

// Examines everything. A Failure (exit code 111) means that no verdict is possible, because the
// home does not exist or this process may not examine it.
Result<Inspection> inspect(const Request& request);

}  // namespace reqmail::survey
