#include "judge/dns_pump.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/dns.h"

namespace reqmail::judge {

namespace {

constexpr std::array kTypes = {
    std::pair{auth822::RecordType::a, net::DnsType::a},
    std::pair{auth822::RecordType::aaaa, net::DnsType::aaaa},
    std::pair{auth822::RecordType::mx, net::DnsType::mx},
    std::pair{auth822::RecordType::ptr, net::DnsType::ptr},
    std::pair{auth822::RecordType::txt, net::DnsType::txt},
    std::pair{auth822::RecordType::tlsa, net::DnsType::tlsa},
};

net::DnsType to_type(auth822::RecordType type) {
  const auto* const found = std::find_if(
      kTypes.begin(), kTypes.end(), [type](const auto& pair) { return pair.first == type; });
  return found->second;
}

auth822::RecordType from_type(net::DnsType type) {
  const auto* const found = std::find_if(
      kTypes.begin(), kTypes.end(), [type](const auto& pair) { return pair.second == type; });
  return found->first;
}

auth822::DnsStatus to_status(net::LookupStatus status) {
  switch (status) {
  case net::LookupStatus::found:
    return auth822::DnsStatus::found;
  case net::LookupStatus::nothing:
  case net::LookupStatus::leads_nowhere:
    return auth822::DnsStatus::nothing;
  case net::LookupStatus::temporary:
    break;
  }
  return auth822::DnsStatus::temporary;
}

}  // namespace

auth822::DnsFacts to_facts(const net::DnsFinding& finding) {
  auth822::DnsFacts facts;
  facts.status = to_status(finding.status);
  facts.authenticated = finding.authenticated;
  auto records = finding.records;
  if (finding.type == net::DnsType::mx) {
    std::stable_sort(records.begin(), records.end(),
                     [](const auto& a, const auto& b) { return a.preference < b.preference; });
  }
  for (const net::DnsRecord& record : records) {
    switch (finding.type) {
    case net::DnsType::a:
    case net::DnsType::aaaa:
      facts.addresses.push_back(net::to_address(record.address));
      break;
    case net::DnsType::mx:
    case net::DnsType::ptr:
      facts.names.push_back(record.name.text());
      break;
    case net::DnsType::txt:
      facts.texts.push_back(record.text);
      break;
    case net::DnsType::tlsa:
      if (auto tlsa = net::to_tlsa(record)) {
        facts.tlsa.push_back(*std::move(tlsa));
      }
      break;
    case net::DnsType::cname:
    case net::DnsType::opt:
      break;
    }
  }
  return facts;
}

auth822::DnsQuestion to_question(const net::DnsFinding& finding) {
  return auth822::question(from_type(finding.type), finding.name.text());
}

bool ask(net::DnsResolver& resolver, const auth822::DnsQuestion& question) {
  const auto name = net::DnsName::from_text(question.name);
  // A name that would come back as another one is none: the answer has to find its question.
  if (!name || name->text() != question.name) {
    return false;
  }
  resolver.ask(*name, to_type(question.type));
  return true;
}

}  // namespace reqmail::judge
