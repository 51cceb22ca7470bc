#include "net/dns.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace reqmail::net {

namespace {

template <typename T, typename Convert>
Lookup<T> convert(const Lookup<DnsRecord>& lookup, Convert convert) {
  Lookup<T> result;
  result.status = lookup.status;
  result.authenticated = lookup.authenticated;
  result.name = lookup.name;
  for (const DnsRecord& record : lookup.records) {
    result.records.push_back(convert(record));
  }
  return result;
}

}  // namespace

Lookup<DnsRecord> Dns::look_up(DnsName name, DnsType type) const {
  DnsFollow follow(std::move(name), type);
  for (bool over = false; !over;) {
    const auto message = transport_.ask(follow.name(), type);
    over = follow.take(message ? parse_dns_answer(*message) : std::nullopt);
  }
  return {follow.status(), std::move(follow.records()), follow.authenticated(), follow.name()};
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

Lookup<base::TlsaRecord> Dns::tlsa_records(const DnsName& name) const {
  auto lookup = look_up(name, DnsType::tlsa);
  std::erase_if(lookup.records, [](const DnsRecord& record) { return !to_tlsa(record); });
  return convert<base::TlsaRecord>(lookup,
                                   [](const DnsRecord& record) { return *to_tlsa(record); });
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

std::optional<base::TlsaRecord> to_tlsa(const DnsRecord& record) {
  constexpr std::size_t kDataStart = 3;
  if (record.data.size() < kDataStart) {
    return std::nullopt;
  }
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(record.data[at]); };
  return base::TlsaRecord{byte(0), byte(1), byte(2), record.data.substr(kDataStart)};
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

bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace reqmail::net
