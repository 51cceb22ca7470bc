#include "control/own_domains.h"

#include <string>
#include <vector>

#include "base/text.h"
#include "control/file_name.h"
#include "control/rcpthosts.h"
#include "mail/address.h"
#include "mail/recipient_routes.h"

namespace reqmail::control {

Result<bool> is_own_address(ControlFiles& files, std::string_view address) {
  const auto hosts = RcptHosts::load(files);
  mail::RecipientRoutes::Controls controls;
  controls.locals = files.list("locals").value_or(std::vector<std::string>());
  controls.virtualdomains = files.list("virtualdomains").value_or(std::vector<std::string>());
  controls.utf8 = files.utf8();
  if (const auto& failure = files.failure()) {
    return temporary(base::concat({"control/", failure->name, " cannot be read"}));
  }
  const mail::RecipientRoute route = mail::RecipientRoutes(controls).route(address);
  if (route.unsure) {
    return temporary("the domain of the sender cannot be converted");
  }
  if (route.local) {
    return true;
  }
  if (!hosts.exists()) {
    return false;
  }
  const auto listed = hosts.accepts(mail::split_address(address).domain);
  if (!listed) {
    return temporary(base::concat({path("morercpthosts.cdb"), " cannot be read"}));
  }
  return *listed;
}

}  // namespace reqmail::control
