#include "remote/tls_policy.h"

#include <cerrno>

#include "base/ascii.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "control/file_name.h"
#include "sys/file.h"

namespace reqmail::remote {

namespace {

bool is_absent(const std::string& path) {
  const auto found = sys::status(path);
  return !found && (found.error().error == ENOENT || found.error().error == ENOTDIR);
}

bool is_there(const std::string& path) {
  return sys::status(path).has_value();
}

}  // namespace

std::string policy_name(std::string_view host) {
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  if (!base::is_safe_name(host) || base::IpAddress::parse(host)) {
    return {};
  }
  return base::lower(host);
}

TlsPolicy find_tls_policy(const std::string& name) {
  TlsPolicy policy;
  policy.name = name;
  if (!name.empty()) {
    std::string trusted = base::concat({control::path("tlshosts"), "/", name, ".pem"});
    if (!is_absent(trusted)) {
      policy.trusted = std::move(trusted);
    }
    policy.clear =
        !policy.trusted && is_there(base::concat({control::path("notlshosts"), "/", name}));
  }
  policy.starttls = policy.trusted ||
                    (!policy.clear &&
                     !is_there(base::concat({control::path("tlshosts"), "/exhaustivelist"})));
  return policy;
}

}  // namespace reqmail::remote
