// control/ipversions: the versions of IP that are used for mail.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reqmail::net {

struct AddressVersions {
  // The addresses to look up, preferred ones first; never empty.
  std::vector<base::Family> order = {base::Family::v4};

  // Parses "4", "46", "64" or "6".
  static std::optional<AddressVersions> parse(std::string_view text);

  [[nodiscard]] bool has(base::Family family) const;
};

// Returns IPv4 for IPv6, and the other way round.
base::Family other_family(base::Family family);

}  // namespace reqmail::net
