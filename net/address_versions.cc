#include "net/address_versions.h"

#include <algorithm>

namespace reqmail::net {

std::optional<AddressVersions> AddressVersions::parse(std::string_view text) {
  AddressVersions versions;
  versions.order.clear();
  for (const char c : text) {
    const base::Family family = c == '6' ? base::Family::v6 : base::Family::v4;
    if ((c != '4' && c != '6') || versions.has(family)) {
      return std::nullopt;
    }
    versions.order.push_back(family);
  }
  return versions.order.empty() ? std::nullopt : std::optional(versions);
}

bool AddressVersions::has(base::Family family) const {
  return std::find(order.begin(), order.end(), family) != order.end();
}

base::Family other_family(base::Family family) {
  return family == base::Family::v4 ? base::Family::v6 : base::Family::v4;
}

}  // namespace reqmail::net
