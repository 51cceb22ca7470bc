#include "dnscheck/subject.h"

#include "base/ip_network.h"
#include "base/text.h"

namespace reqmail::dnscheck {

std::string publish(std::string_view name, std::string_view type, std::string_view data) {
  return base::concat({"publish: ", name, ". IN ", type, " ", data});
}

bool is_private(const base::IpAddress& address) {
  static const base::IpNetworks kPrivate = base::parse_networks(
      {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
       "172.16.0.0/12", "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"},
      nullptr);
  return base::any_contains(kPrivate, address);
}

}  // namespace reqmail::dnscheck
