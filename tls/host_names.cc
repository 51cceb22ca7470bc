#include "tls/host_names.h"

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::tls {

bool names_host(std::string_view certified, std::string_view host) {
  if (host.empty()) {
    return false;
  }
  if (host.front() == '.') {
    return certified.size() > host.size() && base::ends_with_ci(certified, host) &&
           certified.find('\0') == std::string_view::npos;
  }
  if (certified.starts_with("*.") && certified.size() > 2) {
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 &&
           base::equal_ci(certified.substr(1), host.substr(dot));
  }
  return base::equal_ci(certified, host);
}

}  // namespace reqmail::tls
