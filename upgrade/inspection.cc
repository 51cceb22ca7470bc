#include "upgrade/inspection.h"

#include <iterator>
#include <utility>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"
#include "upgrade/control_check.h"
#include "upgrade/daemon_list.h"
#include "upgrade/old_build.h"
#include "upgrade/owners_check.h"
#include "upgrade/patch_check.h"
#include "upgrade/place_check.h"
#include "upgrade/programs.h"
#include "upgrade/queue_check.h"
#include "upgrade/rc_check.h"
#include "upgrade/script_check.h"
#include "upgrade/services.h"

namespace reqmail::upgrade {

std::string_view supervisor_name(Supervisor supervisor) {
  switch (supervisor) {
  case Supervisor::none:
    return "none";
  case Supervisor::daemontools:
    return "daemontools";
  case Supervisor::runit:
    return "runit";
  case Supervisor::s6:
    return "s6";
  case Supervisor::systemd:
    break;
  }
  return "systemd";
}

namespace {

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()),
             std::make_move_iterator(more.end()));
}

}  // namespace

Result<Inspection> inspect(const Request& request) {
  const std::string bin = base::concat({request.home, "/bin"});
  const auto status = sys::status(bin);
  if (!status) {
    return sys::system_failure(base::concat({"unable to look at ", bin}), status.error().error);
  }
  if (!S_ISDIR(status->st_mode)) {
    return permanent(base::concat({bin, " is no directory: ", request.home, " is no qmail"}));
  }
  const std::string queue = base::concat({request.home, "/queue"});
  Inspection inspection;
  OldPrograms programs = recognise_programs(bin);
  inspection.version = programs.version;
  inspection.patches = programs.patches;
  inspection.queue = look_at_queue(queue, programs);
  inspection.daemons = look_at_daemons(request.home);
  inspection.space = look_at_space(request);
  const Services services = find_services(request.home, request.root);
  auto& findings = inspection.findings;
  if (programs.version == "no qmail") {
    Finding finding;
    finding.code = "no-qmail";
    finding.severity = Severity::stop;
    finding.subject = bin;
    finding.text = "has no qmail-send: this is no qmail";
    finding.action = "name the old home with --home";
    findings.push_back(std::move(finding));
  }
  append(findings, check_tree(request));
  append(findings, check_build(request));
  append(findings, std::move(programs.findings));
  append(findings, check_ids(request.home, programs));
  append(findings, check_queue(queue, inspection.queue));
  append(findings, check_control(request, programs, services));
  append(findings, check_certificate(request, programs));
  append(findings, check_scripts(services, programs, request));
  append(findings, check_patches(programs, services));
  append(findings, check_modes(request.home, programs, services));
  append(findings, check_space(request.home, inspection.space));
  append(findings, check_daemons(request.home, inspection.daemons));
  append(findings, check_rc(request.home, inspection.daemons, services));
  return inspection;
}

}  // namespace reqmail::upgrade
