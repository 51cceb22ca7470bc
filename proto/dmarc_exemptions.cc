#include "proto/dmarc_exemptions.h"

#include "base/ascii.h"

namespace reqmail::proto {

Result<void> DmarcExemptions::add(std::string_view line) {
  if (line.starts_with('@')) {
    if (line.size() == 1 || line.find_first_of(" \t@", 1) != std::string_view::npos) {
      return permanent("no domain");
    }
    author_domains.push_back(base::lower(line.substr(1)));
    return {};
  }
  const auto network = base::IpNetwork::parse(line);
  if (!network) {
    return permanent("neither an address nor a network nor @domain");
  }
  clients.push_back(*network);
  return {};
}

bool DmarcExemptions::has_client(const base::IpAddress& client) const {
  return base::any_contains(clients, client);
}

}  // namespace reqmail::proto
