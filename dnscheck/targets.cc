#include "dnscheck/targets.h"

#include <algorithm>

namespace reqmail::dnscheck {

using auth822::RecordType;

Target target_of(const std::string& name, const Host& host, Answers& answers) {
  bool any = false;
  bool unknown = false;
  for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
    const auth822::DnsFacts facts = answers.find(type, name);
    unknown = unknown || facts.status == auth822::DnsStatus::temporary;
    any = any || !facts.addresses.empty();
    const bool here = std::any_of(
        facts.addresses.begin(), facts.addresses.end(), [&host](const auto& address) {
          return std::find(host.own.begin(), host.own.end(), address) != host.own.end();
        });
    if (here) {
      return Target::here;
    }
  }
  if (any) {
    return Target::elsewhere;
  }
  return unknown ? Target::unknown : Target::nowhere;
}

void ask_addresses(const std::vector<std::string>& names, Answers& answers) {
  std::vector<auth822::DnsQuestion> questions;
  for (const std::string& name : names) {
    questions.push_back(auth822::question(RecordType::a, name));
    questions.push_back(auth822::question(RecordType::aaaa, name));
  }
  answers.ask(questions);
}

}  // namespace reqmail::dnscheck
