// From which addresses of this host qmail-remote connects, and which name it says there:
// control/domainbindings, outgoingip and helohostbyip (qmail-remote(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "base/ip_address.h"
#include "base/result.h"

namespace reqmail::remote {

// For each version of IP the address to connect from; absent: the system chooses.
struct SourceAddresses {
  std::optional<base::IpAddress> v4;
  std::optional<base::IpAddress> v6;

  [[nodiscard]] const std::optional<base::IpAddress>& of(base::Family family) const {
    return family == base::Family::v4 ? v4 : v6;
  }
};

// The lines of the two files that choose the address.
struct SourceRules {
  // SENDER:ADDRESS or DOMAIN:ADDRESS, in any case. Of several lines for one sender or domain
  // and one version of IP, the last one counts.
  std::vector<std::string> domainbindings;
  // At most one address of each version; 0.0.0.0 and :: leave the choice to the system.
  std::vector<std::string> outgoingip;

  // Returns the addresses for a sender: by its whole address, else by its domain, else by
  // outgoingip. The Failure, for the report, says that the file has something else in the place
  // of the address.
  [[nodiscard]] Result<SourceAddresses> find(std::string_view sender) const;
};

// The lines of helohostbyip, ADDRESS:NAME; of equal addresses the last one counts.
struct HelloNames {
  std::vector<std::string> lines;

  [[nodiscard]] std::optional<std::string> find(const base::IpAddress& address) const;
};

// The malformed lines of each file.
std::vector<base::BadLine> faults_of_domainbindings(const std::vector<std::string>& lines);
std::vector<base::BadLine> faults_of_outgoingip(const std::vector<std::string>& lines);
std::vector<base::BadLine> faults_of_helohostbyip(const std::vector<std::string>& lines);

}  // namespace reqmail::remote
