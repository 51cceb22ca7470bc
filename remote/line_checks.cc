#include "remote/line_checks.h"

#include <string>

#include "base/ip_network.h"
#include "filter/socketmap.h"
#include "net/address_versions.h"
#include "remote/domain_policy.h"
#include "remote/source_addresses.h"

namespace reqmail::remote {

namespace {

using Lines = std::vector<std::string>;

std::vector<base::BadLine> of_networks(const Lines& lines) {
  std::vector<base::BadLine> bad;
  (void)base::parse_networks(lines, &bad);
  return bad;
}

std::vector<base::BadLine> of_versions(const Lines& lines) {
  if (net::AddressVersions::parse(lines.front())) {
    return {};
  }
  return {{lines.front(), "none of 4, 46, 64 and 6"}};
}

std::vector<base::BadLine> of_policy_server(const Lines& lines) {
  const auto place = filter::parse_socketmap_place(lines.front());
  return place ? std::vector<base::BadLine>()
               : std::vector<base::BadLine>{{lines.front(), place.error().text}};
}

}  // namespace

std::vector<control::LineCheck> line_checks() {
  return {
      {"domainbindings", faults_of_domainbindings},
      {"helohostbyip", faults_of_helohostbyip},
      {"ipversions", of_versions},
      {"moreipme", of_networks},
      {"notipme", of_networks},
      {"outgoingip", faults_of_outgoingip},
      {"tlspolicy", faults_of_tlspolicy},
      {"tlspolicyserver", of_policy_server},
  };
}

}  // namespace reqmail::remote
