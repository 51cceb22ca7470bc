#include "survey/inspection.h"

#include <iterator>
#include <utility>

#include "base/text.h"
#include "survey/about.h"
#include "survey/build_check.h"
#include "survey/control_check.h"
#include "survey/daemons.h"
#include "survey/mini_host.h"
#include "survey/owners_check.h"
#include "survey/patch_check.h"
#include "survey/place_check.h"
#include "survey/programs.h"
#include "survey/queue_check.h"
#include "survey/rc_check.h"
#include "survey/script_check.h"
#include "survey/services.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::survey {

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

// Adds the findings on a host with a queue and daemons.
void inspect_queue_host(Inspection& inspection, const Request& request,
                        const OldPrograms& programs, const Services& services) {
  auto& findings = inspection.findings;
  const std::string queue = base::concat({request.home, "/queue"});
  append(findings, check_build(request));
  if (queues_elsewhere(request.home)) {
    findings.push_back(odd_queue_program(request.home));
  }
  append(findings, check_ids(request.home, programs));
  append(findings, check_queue(queue, inspection.queue));
  append(findings, check_daemons(request.home, inspection.daemons));
  append(findings, check_rc(request.home, inspection.daemons, services));
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
  const OldPrograms programs = recognise_programs(bin);
  inspection.version = programs.version;
  inspection.patches = programs.patches;
  inspection.queue = look_at_queue(queue, programs);
  inspection.daemons = look_at_daemons(request.home);
  inspection.space = look_at_space(request);
  const Services services = find_services(request.home, request.root);
  auto& findings = inspection.findings;
  inspection.mini = is_mini_host(request.home);
  if (programs.version == kNoQmail) {
    if (inspection.mini) {
      inspection.version = "mini-qmail";
    } else {
      findings.push_back(about(bin, "no-qmail", Severity::stop,
                               "has no qmail-send: this is no qmail",
                               "name the old home with --home"));
    }
  }
  append(findings, check_tree(request, inspection.mini));
  append(findings, programs.findings);
  if (inspection.mini) {
    append(findings, check_mini_host(request.home, inspection.queue));
  } else {
    inspect_queue_host(inspection, request, programs, services);
  }
  auto control = check_control(request, programs, services);
  if (inspection.mini && !takes_mail_in(request.home)) {
    append(findings, check_mini_control(request.home, std::move(control)));
  } else {
    append(findings, std::move(control));
    append(findings, check_certificate(request, programs));
    append(findings, check_scripts(services, programs, request));
    append(findings, check_patches(request.home, programs, services));
    append(findings, check_modes(request.home, programs, services));
  }
  append(findings, check_space(request.home, inspection.space));
  return inspection;
}

}  // namespace reqmail::survey
