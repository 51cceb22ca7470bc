#include "upgrade/inspection.h"

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"

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

Result<Inspection> inspect(const Request& request) {
  const auto home = sys::status(request.home);
  if (!home) {
    return sys::system_failure(base::concat({"unable to look at ", request.home}),
                               home.error().error);
  }
  return Inspection{};
}

}  // namespace reqmail::upgrade
