#include "survey/daemons.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "survey/old_files.h"
#include "survey/paths.h"
#include "survey/process_list.h"
#include "survey/running.h"
#include "sys/directory.h"

namespace reqmail::survey {

DaemonFacts look_at_daemons(const std::string& home) {
  DaemonFacts facts;
  const std::string bin = real_path(base::concat({home, "/bin"})).value_or(home + "/bin") + "/";
  // If bin/ contains links, these are the directories where the programs are.
  std::map<std::string, std::string> elsewhere;
  if (const auto entries = list_entries(bin)) {
    for (const Entry& entry : *entries) {
      const auto path = S_ISLNK(entry.status.st_mode) ? real_path(bin + entry.name)
                                                      : Result<std::string>(std::string());
      if (path && !path->empty()) {
        elsewhere.emplace(*path, entry.name);
      }
    }
  }
  auto names = sys::list_directory("/proc");
  if (!names) {
    return facts;
  }
  for (const std::string& name : *names) {
    const auto number = base::parse_u64(name);
    if (!number) {
      continue;
    }
    std::string path = program_link(base::concat({"/proc/", name, "/exe"}));
    const auto linked = elsewhere.find(path);
    if ((linked == elsewhere.end() && path.rfind(bin, 0) != 0) ||
        static_cast<pid_t>(*number) == ::getpid()) {
      continue;
    }
    std::string program = linked != elsewhere.end() ? linked->second : path.substr(bin.size());
    facts.daemons.push_back({static_cast<pid_t>(*number), std::move(program), std::move(path)});
  }
  std::sort(facts.daemons.begin(), facts.daemons.end(),
            [](const Daemon& a, const Daemon& b) { return a.pid < b.pid; });
  if (const auto send = find_send(home)) {
    facts.qmail_send = send->pid;
    facts.send_service = send->service;
  }
  return facts;
}

std::vector<Finding> check_daemons(const std::string& home, const DaemonFacts& facts) {
  Finding finding;
  finding.code = "daemons";
  finding.severity = Severity::harmless;
  finding.subject = home;
  if (!facts.qmail_send) {
    finding.text = "has no qmail-send running";
    finding.action = "apply will start none";
    return {finding};
  }
  const Service& service = facts.send_service;
  finding.text =
      base::concat({"has qmail-send running as process ",
                    base::decimal(static_cast<std::uint64_t>(*facts.qmail_send)),
                    service.supervisor == Supervisor::none
                        ? std::string(", started by no supervisor that is known")
                        : base::concat({", under ", supervisor_name(service.supervisor), " (",
                                        service.place, ")"})});
  finding.action = "apply restarts it once, when its deliveries have ended";
  if (service.supervisor == Supervisor::none && !is_there(base::concat({home, "/rc"}))) {
    finding.severity = Severity::note;
    finding.action = base::concat({"apply can stop it, but not start it again without ", home,
                                   "/rc: start it as this host does at boot"});
  }
  return {finding};
}

}  // namespace reqmail::survey
