#include "remote/source_addresses.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::remote {

namespace {

Failure invalid_address(std::string_view file) {
  return temporary(base::concat({"invalid ipaddr in control/", file, " (#4.3.0)"}));
}

void set(SourceAddresses& addresses, const base::IpAddress& address) {
  auto& of_family = address.family() == base::Family::v4 ? addresses.v4 : addresses.v6;
  of_family = address;
}

// Sets the addresses of the lines for a key. Returns false if one of them is malformed.
bool add_bindings(const std::vector<std::string>& lines, std::string_view key,
                  SourceAddresses& addresses) {
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !base::equal_ci(line.substr(0, colon), key)) {
      continue;
    }
    const auto address = base::IpAddress::parse(line.substr(colon + 1));
    if (!address) {
      return false;
    }
    set(addresses, *address);
  }
  return true;
}

struct HelloName {
  base::IpAddress address;
  std::string_view name;
};

// The address may have colons, the name has none.
std::optional<HelloName> parse_hello_name(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == line.size()) {
    return std::nullopt;
  }
  const auto address = base::IpAddress::parse(line.substr(0, colon));
  return address ? std::optional(HelloName{*address, line.substr(colon + 1)}) : std::nullopt;
}

std::optional<base::IpAddress> unless_unspecified(std::optional<base::IpAddress> address) {
  return address && address->unspecified() ? std::nullopt : address;
}

}  // namespace

Result<SourceAddresses> SourceRules::find(std::string_view sender) const {
  SourceAddresses addresses;
  for (const std::string_view line : outgoingip) {
    const auto address = base::IpAddress::parse(line);
    if (!address) {
      return invalid_address("outgoingip");
    }
    set(addresses, *address);
  }
  const std::size_t at = sender.rfind('@');
  if (at != std::string_view::npos &&
      (!add_bindings(domainbindings, sender.substr(at + 1), addresses) ||
       !add_bindings(domainbindings, sender, addresses))) {
    return invalid_address("domainbindings");
  }
  return SourceAddresses{unless_unspecified(addresses.v4), unless_unspecified(addresses.v6)};
}

std::optional<std::string> HelloNames::find(const base::IpAddress& address) const {
  std::optional<std::string> found;
  for (const std::string_view line : lines) {
    const auto parsed = parse_hello_name(line);
    if (parsed && parsed->address == address) {
      found = parsed->name;
    }
  }
  return found;
}

std::vector<base::BadLine> faults_of_domainbindings(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) {
      bad.push_back({line, "no sender and colon"});
    } else if (!base::IpAddress::parse(std::string_view(line).substr(colon + 1))) {
      bad.push_back({line, "no address"});
    }
  }
  return bad;
}

std::vector<base::BadLine> faults_of_outgoingip(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    if (!base::IpAddress::parse(line)) {
      bad.push_back({line, "no address"});
    }
  }
  return bad;
}

std::vector<base::BadLine> faults_of_helohostbyip(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    if (!parse_hello_name(line)) {
      bad.push_back({line, "no address, colon and name"});
    }
  }
  return bad;
}

}  // namespace reqmail::remote
