#include "net/dns.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace reqmail::net {

namespace {

const DnsRecord* find_alias(const std::vector<DnsRecord>& records, const DnsName& name) {
  for (const DnsRecord& record : records) {
    if (record.type == DnsType::cname && record.owner == name) {
      return &record;
    }
  }
  return nullptr;
}

std::vector<DnsRecord> take(const std::vector<DnsRecord>& records, const DnsName& name,
                            DnsType type) {
  std::vector<DnsRecord> taken;
  for (const DnsRecord& record : records) {
    if (record.type == type && record.owner == name) {
      taken.push_back(record);
    }
  }
  return taken;
}

base::IpAddress to_address(const std::string& bytes) {
  if (bytes.size() == base::IpAddress::V4().size()) {
    base::IpAddress::V4 v4 = {};
    std::copy(bytes.begin(), bytes.end(), v4.begin());
    return base::IpAddress(v4);
  }
  base::IpAddress::V6 v6 = {};
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return base::IpAddress(v6);
}

template <typename T, typename Convert>
Lookup<T> convert(const Lookup<DnsRecord>& lookup, Convert convert) {
  Lookup<T> result;
  result.status = lookup.status;
  for (const DnsRecord& record : lookup.records) {
    result.records.push_back(convert(record));
  }
  return result;
}

}  // namespace

// Aliases are followed inside an answer; where its chain ends without a record of the type
// asked for (a server need not know the target), the last target is asked for itself.
Lookup<DnsRecord> Dns::look_up(DnsName name, DnsType type) const {
  Lookup<DnsRecord> result;
  std::size_t aliases = 0;
  LookupStatus negative = LookupStatus::nothing;
  for (;;) {
    const auto message = transport_.ask(name, type);
    const auto answer = message ? parse_dns_answer(*message) : std::nullopt;
    if (!answer ||
        (answer->code != DnsCode::no_error && answer->code != DnsCode::no_such_name)) {
      return result;
    }
    const std::size_t aliases_before = aliases;
    for (const DnsRecord* alias = find_alias(answer->records, name); alias != nullptr;
         alias = find_alias(answer->records, name)) {
      if (++aliases > kAliasesMax) {
        return result;
      }
      name = alias->name;
    }
    result.records = take(answer->records, name, type);
    if (!result.records.empty()) {
      result.status = LookupStatus::found;
      return result;
    }
    if (aliases == aliases_before || answer->code == DnsCode::no_such_name) {
      result.status = negative;
      return result;
    }
    negative = LookupStatus::leads_nowhere;
  }
}

Lookup<MailExchanger> Dns::mail_exchangers(const DnsName& name) const {
  return convert<MailExchanger>(look_up(name, DnsType::mx), [](const DnsRecord& record) {
    return MailExchanger{record.preference, record.name};
  });
}

Lookup<base::IpAddress> Dns::addresses(const DnsName& name, base::Family family) const {
  const DnsType type = family == base::Family::v4 ? DnsType::a : DnsType::aaaa;
  return convert<base::IpAddress>(
      look_up(name, type), [](const DnsRecord& record) { return to_address(record.address); });
}

Lookup<std::string> Dns::names(const base::IpAddress& address) const {
  const auto name = DnsName::from_text(address.reverse_name());
  if (!name) {
    return {};
  }
  auto found = convert<std::string>(look_up(*name, DnsType::ptr),
                                    [](const DnsRecord& record) { return record.name.text(); });
  std::erase_if(found.records, [](const std::string& text) { return !is_host_name(text); });
  if (found.status == LookupStatus::found && found.records.empty()) {
    found.status = LookupStatus::nothing;
  }
  return found;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace reqmail::net
