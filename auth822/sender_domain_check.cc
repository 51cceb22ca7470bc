#include "auth822/sender_domain_check.h"

#include <algorithm>

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kRoot = ".";
constexpr RecordType kTypes[] = {RecordType::mx, RecordType::a, RecordType::aaaa};

bool is_null_mx(const DnsFacts& exchangers) {
  const auto& names = exchangers.names;
  return !names.empty() && std::all_of(names.begin(), names.end(),
                                       [](const std::string& name) { return name == kRoot; });
}

}  // namespace

SenderDomainCheck::SenderDomainCheck(std::string domain) : domain_(std::move(domain)) {
  for (const RecordType type : kTypes) {
    (void)facts_.find(type, domain_);
  }
}

mail::SenderDomain SenderDomainCheck::result() const {
  bool failed = false;
  bool exists = false;
  for (const RecordType type : kTypes) {
    const DnsFacts* const found = facts_.look(type, domain_);
    if (found == nullptr || found->status == DnsStatus::temporary) {
      failed = true;
      continue;
    }
    if (type == RecordType::mx && is_null_mx(*found)) {
      return mail::SenderDomain::refuses_mail;
    }
    exists = exists || found->status == DnsStatus::found;
  }
  if (exists) {
    return mail::SenderDomain::exists;
  }
  return failed ? mail::SenderDomain::unknown : mail::SenderDomain::missing;
}

}  // namespace reqmail::auth822
