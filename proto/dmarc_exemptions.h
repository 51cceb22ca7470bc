// control/dmarcexempt: the clients and authors to which DMARC is not applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "base/result.h"

namespace reqmail::proto {

struct DmarcExemptions {
  base::IpNetworks clients;
  std::vector<std::string> author_domains;

  // Adds a line: an address, a network ADDRESS/N, or @DOMAIN. The text of a Failure says why it
  // is malformed.
  Result<void> add(std::string_view line);

  [[nodiscard]] bool has_client(const base::IpAddress& client) const;
};

}  // namespace reqmail::proto
