#include "remote/dane.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::remote {

namespace {

DaneRecords found_records(std::string base, const std::vector<base::TlsaRecord>& records) {
  DaneRecords found;
  found.base = std::move(base);
  std::copy_if(records.begin(), records.end(), std::back_inserter(found.records),
               base::usable_for_mail);
  found.state =
      found.records.empty() ? DaneRecords::State::unusable : DaneRecords::State::usable;
  return found;
}

DaneRecords records_at(const net::Dns& dns, const std::string& base, std::uint16_t port) {
  const auto name =
      net::DnsName::from_text(base::concat({"_", base::decimal(port), "._tcp.", base}));
  DaneRecords none;
  if (!name) {
    return none;
  }
  const auto lookup = dns.tlsa_records(*name);
  if (lookup.status == net::LookupStatus::temporary) {
    none.state = DaneRecords::State::unknown;
    return none;
  }
  if (lookup.status != net::LookupStatus::found || !lookup.authenticated) {
    return none;
  }
  return found_records(base, lookup.records);
}

}  // namespace

// If the server's name is an alias, the records of its target have priority (RFC 7672 section
// 2.2.2).
DaneRecords find_dane_records(const net::Dns& dns, const Target& target, std::uint16_t port) {
  if (!target.secure || target.name.empty()) {
    return {};
  }
  if (!target.canonical.empty() && target.canonical != target.name) {
    DaneRecords found = records_at(dns, target.canonical, port);
    if (found.state != DaneRecords::State::absent) {
      return found;
    }
  }
  return records_at(dns, target.name, port);
}

}  // namespace reqmail::remote
