#include "local/plan.h"

#include <unistd.h>

#include <utility>

#include "base/text.h"
#include "local/dot_file.h"
#include "mail/trace.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::local {

namespace {

Result<void> enter_home(const Request& request) {
  if (auto changed = sys::change_directory(request.home); !changed) {
    return temporary(base::concat({"Unable to switch to ", request.home, ": ",
                                   sys::error_text(changed.error().error), ". (#4.3.0)"}),
                     changed.error().error);
  }
  const auto home = check_home();
  if (!home) {
    return home.error();
  }
  if (*home == HomeState::being_edited) {
    if (!request.describe) {
      return temporary("Home directory is sticky: user is editing his .qmail file. (#4.2.1)");
    }
    (void)!sys::write_all(STDERR_FILENO, "Warning: home directory is sticky.\n").has_value();
  }
  return {};
}

Result<void> find_instructions(const Request& request, Plan& plan) {
  auto file = find_dot_qmail(request.dash, request.ext);
  if (!file) {
    return file.error();
  }
  if (!*file && !request.dash.empty()) {
    return permanent("Sorry, no mailbox here by that name. (#5.1.1)");
  }
  auto sender =
      forward_sender(request.dash, request.ext, request.local, request.host, request.sender);
  if (!sender) {
    return sender.error();
  }
  plan.new_sender = *std::move(sender);
  bool has_text = false;
  if (*file) {
    plan.default_from = (*file)->default_from;
    has_text = !(*file)->text.empty();
    plan.forward_only = has_text && (*file)->forward_only;
  }
  auto instructions = parse_dot_qmail(has_text ? (*file)->text : request.default_instructions);
  if (!instructions) {
    return instructions.error();
  }
  plan.instructions = *std::move(instructions);
  return {};
}

}  // namespace

Result<Plan> prepare(const Request& request, MessageFile& message) {
  if (auto ready = enter_home(request); !ready) {
    return ready.error();
  }
  const std::string recipient = base::concat({request.local, "@", request.host});
  Plan plan;
  plan.trace =
      TraceLines{mail::from_line(request.sender, sys::now()),
                 mail::return_path_line(request.sender), mail::delivered_to_line(recipient)};
  if (!request.describe) {
    if (auto checked = check_loop(message, plan.trace.delivered_to); !checked) {
      return checked.error();
    }
  }
  if (auto found = find_instructions(request, plan); !found) {
    return found.error();
  }
  return plan;
}

}  // namespace reqmail::local
