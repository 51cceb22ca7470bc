#include "survey/running.h"

#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "survey/host_tools.h"
#include "survey/own_processes.h"
#include "survey/paths.h"
#include "survey/process_list.h"
#include "sys/file.h"
#include "sys/identity.h"

namespace reqmail::survey {

namespace {

// The number of ancestors among which a supervisor is searched; run scripts are not nested
// deeper.
constexpr int kAncestors = 8;
// The beginning of systemctl's line with a unit's commands.
constexpr std::string_view kCommands = "ExecStart=";

// Returns the processes of that name in the queue.
std::vector<Process> processes_in_queue(const std::string& home, std::string_view name) {
  std::vector<Process> found = processes_in(home + "/queue");
  std::erase_if(found, [&](const Process& process) { return process.name != name; });
  return found;
}

// Returns whether a unit's main process is this one, or its commands name qmail.
bool is_ours(const std::string& unit, pid_t pid) {
  const std::string shown =
      run_tool({"systemctl", "show", "--property=MainPID", "--property=ExecStart", unit})
          .value_or("");
  const std::string main = "MainPID=" + base::decimal(static_cast<std::uint64_t>(pid));
  for (const std::string_view line : base::lines(shown)) {
    if (line == main || (line.substr(0, kCommands.size()) == kCommands &&
                         line.find("qmail") != std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

// Returns the systemd unit of a process, if that unit is qmail's. A process that was started
// from a shell or by cron belongs to another unit.
std::string unit_of(pid_t pid) {
  const auto groups = sys::read_file(proc_path(pid, "cgroup"), kLargestProcFile);
  if (!groups) {
    return "";
  }
  for (const std::string_view line : base::lines(*groups)) {
    std::string unit(line.substr(line.rfind('/') + 1));
    if (unit.size() <= 8 || unit.substr(unit.size() - 8) != ".service") {
      continue;
    }
    if (unit.find("qmail") != std::string::npos || is_ours(unit, pid)) {
      return unit;
    }
  }
  return "";
}

// Returns the PATH with which the daemons were started. Root uses it to execute programs, so it
// must come from a process of root: qmail-send runs as qmails, but qmail-lspawn has the same
// PATH and runs as root.
std::string path_of(const Process& send) {
  for (const Process& process : all_processes()) {
    if ((process.pid == send.pid ||
         (process.parent == send.pid && process.name == "qmail-lspawn")) &&
        uid_of(process.pid) == uid_t{0}) {
      return start_variable(process.pid, "PATH").value_or("");
    }
  }
  return "";
}

Service service_of(const Process& send) {
  Service service;
  std::optional<Process> ancestor = read_process(send.parent);
  for (int count = 0; count < kAncestors && ancestor && ancestor->pid > 1; ++count) {
    service.supervisor = supervisor_called(ancestor->name);
    // The supervisor must run as root, since another account could make root's tools write
    // anywhere.
    if (service.supervisor != Supervisor::none && uid_of(ancestor->pid) == uid_t{0}) {
      service.place = program_link(proc_path(ancestor->pid, "cwd"));
      service.supervisor_pid = ancestor->pid;
      return service;
    }
    ancestor = read_process(ancestor->parent);
  }
  service.place = unit_of(send.pid);
  service.supervisor = service.place.empty() ? Supervisor::none : Supervisor::systemd;
  if (service.supervisor == Supervisor::none) {
    service.path = path_of(send);
  }
  return service;
}

}  // namespace

Supervisor supervisor_called(std::string_view name) {
  if (name == "supervise") {
    return Supervisor::daemontools;
  }
  if (name == "runsv") {
    return Supervisor::runit;
  }
  return name == "s6-supervise" ? Supervisor::s6 : Supervisor::none;
}

std::optional<RunningSend> find_send(const std::string& home) {
  const auto qmails = sys::account_uid(sys::Account::qmails);
  std::optional<Process> oldest;
  for (Process& process : processes_in_queue(home, "qmail-send")) {
    // Any process can have this name and current directory.
    const auto uid = uid_of(process.pid);
    if (uid != uid_t{0} && (!uid || uid != qmails)) {
      continue;
    }
    // A child that is about to execute another program has the same name.
    if (!oldest || process.start < oldest->start ||
        (process.start == oldest->start && process.parent != oldest->pid &&
         process.pid < oldest->pid)) {
      oldest = std::move(process);
    }
  }
  if (!oldest) {
    return std::nullopt;
  }
  return RunningSend{oldest->pid, oldest->start, service_of(*oldest)};
}

std::vector<pid_t> earlier_queue_programs(const std::string& home) {
  const OwnProcesses own(home);
  std::vector<pid_t> found;
  for (const Process& process : processes_in_queue(home, "qmail-queue")) {
    if (!same_place(proc_path(process.pid, "exe"), home + "/bin/qmail-queue") &&
        own.has(process)) {
      found.push_back(process.pid);
    }
  }
  return found;
}

}  // namespace reqmail::survey
