#include "tests/unit/dnscheck/support.h"

#include "base/text.h"

namespace reqmail::dnscheck {

using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

void FakeAnswers::add(RecordType type, std::string_view name, const std::string& value) {
  DnsFacts& facts = known_[auth822::question(type, name)];
  facts.status = DnsStatus::found;
  if (type == RecordType::txt) {
    facts.texts.push_back(value);
  } else if (type == RecordType::a || type == RecordType::aaaa) {
    facts.addresses.push_back(*base::IpAddress::parse(value));
  } else {
    facts.names.push_back(value);
  }
}

void FakeAnswers::fail(RecordType type, std::string_view name) {
  known_[auth822::question(type, name)] = DnsFacts();
}

void FakeAnswers::verify(RecordType type, std::string_view name) {
  const auto facts = find(auth822::question(type, name));
  known_.insert_or_assign(auth822::question(type, name), facts).first->second.authenticated =
      true;
}

void FakeAnswers::doubt(RecordType type, std::string_view name) {
  known_[auth822::question(type, name)].authenticated = false;
}

void FakeAnswers::tlsa(std::string_view name, const base::TlsaRecord& record) {
  DnsFacts& facts = known_[auth822::question(RecordType::tlsa, name)];
  facts.status = DnsStatus::found;
  facts.tlsa.push_back(record);
}

DnsFacts FakeAnswers::find(const auth822::DnsQuestion& question) {
  const auto found = known_.find(question);
  return found == known_.end() ? DnsFacts{DnsStatus::nothing, {}, {}, {}} : found->second;
}

Subject usual_subject() {
  Subject subject;
  subject.domain = "d.example";
  subject.host.name = "mail.d.example";
  const auto address = *base::IpAddress::parse("192.0.2.1");
  subject.host.addresses = {{address, "mail.d.example"}};
  subject.host.own = {address};
  subject.receives = true;
  return subject;
}

std::vector<std::string> lines_of(const Report& report) {
  std::vector<std::string> lines;
  for (const Finding& one : report.findings()) {
    lines.push_back(base::concat({status_word(one.status), " ", one.name, ": ", one.text,
                                  one.advice.empty() ? "" : "; ", one.advice}));
  }
  return lines;
}

}  // namespace reqmail::dnscheck
