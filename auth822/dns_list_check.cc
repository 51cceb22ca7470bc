#include "auth822/dns_list_check.h"

namespace reqmail::auth822 {

using Status = mail::ListFinding::Status;

DnsListCheck::DnsListCheck(std::vector<std::string> names) : names_(std::move(names)) {
  for (const std::string& name : names_) {
    (void)facts_.find(RecordType::a, name);
  }
}

void DnsListCheck::answer(const DnsQuestion& question, DnsFacts facts) {
  const bool listed = question.type == RecordType::a && facts.status == DnsStatus::found;
  if (facts_.answer(question, std::move(facts)) && listed) {
    (void)facts_.find(RecordType::txt, question.name);
  }
}

std::vector<mail::ListFinding> DnsListCheck::results() const {
  std::vector<mail::ListFinding> results;
  for (const std::string& name : names_) {
    results.push_back(result_of(name));
  }
  return results;
}

mail::ListFinding DnsListCheck::result_of(const std::string& name) const {
  mail::ListFinding finding;
  const DnsFacts* const found = facts_.look(RecordType::a, name);
  if (found == nullptr || found->status == DnsStatus::temporary) {
    return finding;
  }
  if (found->status == DnsStatus::nothing) {
    finding.status = Status::nothing;
    return finding;
  }
  finding.status = Status::found;
  finding.addresses = found->addresses;
  const DnsFacts* const texts = facts_.look(RecordType::txt, name);
  if (texts != nullptr && !texts->texts.empty()) {
    finding.text = texts->texts.front();
  }
  return finding;
}

}  // namespace reqmail::auth822
