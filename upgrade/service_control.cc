#include "upgrade/service_control.h"

#include <signal.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "base/text.h"
#include "survey/host_tools.h"
#include "survey/process_list.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::upgrade {

namespace {

constexpr std::string_view kUnitEnds[] = {".service", ".socket"};

// Makes the supervisor send TERM; returns false if it cannot or fails.
bool send_term(const survey::Service& service) {
  switch (service.supervisor) {
  case survey::Supervisor::daemontools:
    return survey::run_tool({"svc", "-t", service.place}).has_value();
  case survey::Supervisor::runit:
    return survey::run_tool({"sv", "term", service.place}).has_value();
  case survey::Supervisor::s6:
    return survey::run_tool({"s6-svc", "-t", service.place}).has_value();
  case survey::Supervisor::systemd:
  case survey::Supervisor::none:
    break;
  }
  return false;
}

// Runs <home>/rc as init would: without terminal and standard descriptors, in a session of its
// own. `path` is the PATH to which it adds its own directories; empty means ours.
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
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  const auto ended = child->wait();
  if (!ended || !ended->success()) {
    return temporary(base::concat({"start qmail by hand: ", rc, " could not be run"}));
  }
  return {};
}

}  // namespace

ProcessMark mark_of(const survey::RunningSend& send) {
  return {send.pid, send.start};
}

bool is_marked(const survey::RunningSend& send, const ProcessMark& mark) {
  return send.pid == mark.pid && send.start == mark.start;
}

void ask_to_end(const survey::RunningSend& send) {
  (void)send_term(send.service);
  // A run script that does not exec leaves a shell between supervisor and qmail-send, which
  // gets the signal instead. A second TERM does no harm.
  const auto process = survey::read_process(send.pid);
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
  for (const survey::Process& process : survey::processes_in(folder)) {
    const survey::Supervisor supervisor = survey::supervisor_called(process.name);
    if (supervisor != survey::Supervisor::none) {
      return send_term({supervisor, folder, process.pid, ""});
    }
  }
  return false;
}

bool reload_unit(const std::string& path) {
  for (const std::string_view end : kUnitEnds) {
    if (path.size() > end.size() && path.substr(path.size() - end.size()) == end) {
      return survey::run_tool({"systemctl", "daemon-reload"}).has_value();
    }
  }
  return false;
}

Result<void> start_service(const std::string& home, const survey::Service& service) {
  std::vector<std::string> command;
  switch (service.supervisor) {
  case survey::Supervisor::daemontools:
    command = {"svc", "-u", service.place};
    break;
  case survey::Supervisor::runit:
    command = {"sv", "up", service.place};
    break;
  case survey::Supervisor::s6:
    command = {"s6-svc", "-u", service.place};
    break;
  case survey::Supervisor::systemd:
    // A unit that failed while the queue was held may have reached its limit of starts.
    (void)survey::run_tool({"systemctl", "reset-failed", service.place});
    command = {"systemctl", "restart", service.place};
    break;
  case survey::Supervisor::none: {
    const std::string rc = home + "/rc";
    if (::access(rc.c_str(), X_OK) != 0) {
      return temporary("start qmail by hand, as this host does at boot");
    }
    return run_rc(rc, service.path);
  }
  }
  if (!survey::run_tool(command)) {
    return temporary(
        base::concat({"start it by hand: ", command[0], " ", command[1], " ", service.place}));
  }
  return {};
}

}  // namespace reqmail::upgrade
