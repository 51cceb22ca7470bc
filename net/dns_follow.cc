#include "net/dns_follow.h"

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

std::vector<DnsRecord> take_records(const std::vector<DnsRecord>& records, const DnsName& name,
                                    DnsType type) {
  std::vector<DnsRecord> taken;
  for (const DnsRecord& record : records) {
    if (record.type == type && record.owner == name) {
      taken.push_back(record);
    }
  }
  return taken;
}

}  // namespace

bool DnsFollow::take(const std::optional<DnsAnswer>& answer) {
  if (!answer || (answer->code != DnsCode::no_error && answer->code != DnsCode::no_such_name)) {
    return true;
  }
  authenticated_ = authenticated_ && answer->authenticated;
  const std::size_t aliases_before = aliases_;
  for (const DnsRecord* alias = find_alias(answer->records, name_); alias != nullptr;
       alias = find_alias(answer->records, name_)) {
    if (++aliases_ > kAliasesMax) {
      return true;
    }
    name_ = alias->name;
  }
  records_ = take_records(answer->records, name_, type_);
  if (!records_.empty()) {
    status_ = LookupStatus::found;
    return true;
  }
  if (aliases_ == aliases_before || answer->code == DnsCode::no_such_name) {
    status_ = negative_;
    return true;
  }
  negative_ = LookupStatus::leads_nowhere;
  return false;
}

}  // namespace reqmail::net
