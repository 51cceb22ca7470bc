#include "upgrade/running.h"

#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/process.h"
#include "upgrade/child_output.h"
#include "upgrade/disk.h"
#include "upgrade/process_list.h"

namespace reqmail::upgrade {

namespace {

// How far up a supervisor is looked for: run scripts do not nest deeper.
constexpr int kAncestors = 8;
// Where the tools of the supervisors lie when PATH does not lead to them.
constexpr std::string_view kToolFolders[] = {"/command", "/usr/local/bin", "/usr/bin", "/bin"};

constexpr std::string_view kUnitEnds[] = {".service", ".socket"};
// How systemctl begins the line with a unit's commands.
constexpr std::string_view kCommands = "ExecStart=";

// Of these, the ones of that name in the queue.
std::vector<Process> processes_in_queue(const std::string& home, std::string_view name) {
  std::vector<Process> found = processes_in(home + "/queue");
  std::erase_if(found, [&](const Process& process) { return process.name != name; });
  return found;
}

Supervisor supervisor_called(std::string_view name) {
  if (name == "supervise") {
    return Supervisor::daemontools;
  }
  if (name == "runsv") {
    return Supervisor::runit;
  }
  return name == "s6-supervise" ? Supervisor::s6 : Supervisor::none;
}

// The tool's place; empty where there is none.
std::string tool(const std::string& name) {
  if (sys::is_program_in_path(name)) {
    return name;
  }
  for (const std::string_view folder : kToolFolders) {
    std::string path = base::concat({folder, "/", name});
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return "";
}

// What a tool of the host printed; nothing where it is missing or failed. It takes as long as
// the service needs.
std::optional<std::string> run_tool(const std::vector<std::string>& arguments) {
  const std::string program = tool(arguments.front());
  return program.empty() ? std::nullopt : child_output(program, arguments);
}

// Whether a unit's main process is this one, or its commands name qmail.
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

// The systemd unit a process belongs to, when that unit is qmail's: one that was started from a
// shell or by cron belongs to somebody else's.
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

// The PATH that the set was started with: root believes no process of another account about
// what it is to run. qmail-send's own is qmails'; qmail-lspawn has the same, and is root's.
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
    // What starts qmail-start is root's; another's would have root's tools write where it
    // likes.
    if (service.supervisor != Supervisor::none && uid_of(ancestor->pid) == uid_t{0}) {
      service.place = link_target(proc_path(ancestor->pid, "cwd"));
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

// The supervisor's own way to send TERM; false where it has none or it failed.
bool send_term(const Service& service) {
  switch (service.supervisor) {
  case Supervisor::daemontools:
    return run_tool({"svc", "-t", service.place}).has_value();
  case Supervisor::runit:
    return run_tool({"sv", "term", service.place}).has_value();
  case Supervisor::s6:
    return run_tool({"s6-svc", "-t", service.place}).has_value();
  case Supervisor::systemd:
  case Supervisor::none:
    break;
  }
  return false;
}

// <home>/rc as init would run it: no terminal, no standard descriptors, a session of its own.
// `path`: what it adds its own to; empty: ours.
Result<void> run_rc(const std::string& rc, const std::string& path) {
  sys::ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"sh", "-c", "setsid \"$1\" </dev/null >/dev/null 2>&1 & exit 0", "sh", rc};
  spec.directory = "/";
  auto environment = sys::Environment::current();
  if (!path.empty()) {
    environment.set("PATH", path);
  }
  spec.environment = environment.strings();
  const auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  const auto ended = sys::wait_for(*child);
  if (!ended || !ended->success()) {
    return temporary(base::concat({"start qmail by hand: ", rc, " could not be run"}));
  }
  return {};
}

}  // namespace

std::optional<RunningSend> find_send(const std::string& home) {
  const auto qmails = sys::account_uid(sys::Account::qmails);
  std::optional<Process> oldest;
  for (Process& process : processes_in_queue(home, "qmail-send")) {
    // A name and a place are anybody's to take.
    const auto uid = uid_of(process.pid);
    if (uid != uid_t{0} && (!uid || uid != qmails)) {
      continue;
    }
    // A child that is about to run another program has the same name.
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

ProcessMark mark_of(const RunningSend& send) {
  return {send.pid, send.start};
}

bool is_marked(const RunningSend& send, const ProcessMark& mark) {
  return send.pid == mark.pid && send.start == mark.start;
}

std::vector<pid_t> earlier_queue_programs(const std::string& home) {
  std::vector<pid_t> found;
  for (const Process& process : processes_in_queue(home, "qmail-queue")) {
    if (!same_place(proc_path(process.pid, "exe"), home + "/bin/qmail-queue")) {
      found.push_back(process.pid);
    }
  }
  return found;
}

void ask_to_end(const RunningSend& send) {
  (void)send_term(send.service);
  // A run script that does not exec leaves a shell between them, which the signal stops at. A
  // second TERM changes nothing.
  const auto process = read_process(send.pid);
  if (process && process->start == send.start) {
    (void)::kill(send.pid, SIGTERM);
  }
}

bool restart_service_of(const std::string& run_script) {
  const std::size_t name = run_script.rfind('/') + 1;
  const std::string folder = sys::directory_of(run_script);
  if (run_script.substr(name) != "run") {
    return false;
  }
  for (const Process& process : processes_in(folder)) {
    const Supervisor supervisor = supervisor_called(process.name);
    if (supervisor != Supervisor::none) {
      return send_term({supervisor, folder, process.pid, ""});
    }
  }
  return false;
}

bool reload_unit(const std::string& path) {
  for (const std::string_view end : kUnitEnds) {
    if (path.size() > end.size() && path.substr(path.size() - end.size()) == end) {
      return run_tool({"systemctl", "daemon-reload"}).has_value();
    }
  }
  return false;
}

Result<void> start_service(const std::string& home, const Service& service) {
  std::vector<std::string> command;
  switch (service.supervisor) {
  case Supervisor::daemontools:
    command = {"svc", "-u", service.place};
    break;
  case Supervisor::runit:
    command = {"sv", "up", service.place};
    break;
  case Supervisor::s6:
    command = {"s6-svc", "-u", service.place};
    break;
  case Supervisor::systemd:
    // One that failed to start while the queue was held may have used up its starts.
    (void)run_tool({"systemctl", "reset-failed", service.place});
    command = {"systemctl", "restart", service.place};
    break;
  case Supervisor::none: {
    const std::string rc = home + "/rc";
    if (::access(rc.c_str(), X_OK) != 0) {
      return temporary("start qmail by hand, as this host does at boot");
    }
    return run_rc(rc, service.path);
  }
  }
  if (!run_tool(command)) {
    return temporary(
        base::concat({"start it by hand: ", command[0], " ", command[1], " ", service.place}));
  }
  return {};
}

}  // namespace reqmail::upgrade
