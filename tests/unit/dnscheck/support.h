// A DNS for the tests of checks, and a host to be checked.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dnscheck/answers.h"
#include "dnscheck/report.h"
#include "dnscheck/subject.h"

namespace reqmail::dnscheck {

// Records are added by type and name; what was not added does not exist.
class FakeAnswers final : public Answers {
 public:
  void add(auth822::RecordType type, std::string_view name, const std::string& value);
  // No name server gives an answer.
  void fail(auth822::RecordType type, std::string_view name);

  // What the servers say, even that there is nothing, is verified; or it is not, as before.
  void verify(auth822::RecordType type, std::string_view name);
  void doubt(auth822::RecordType type, std::string_view name);

  void tlsa(std::string_view name, const base::TlsaRecord& record);

  void a(std::string_view name, const std::string& address) {
    add(auth822::RecordType::a, name, address);
  }

  void txt(std::string_view name, const std::string& text) {
    add(auth822::RecordType::txt, name, text);
  }

  void ask(const std::vector<auth822::DnsQuestion>& questions) override { (void)questions; }

  auth822::DnsFacts find(const auth822::DnsQuestion& question) override;
  using Answers::find;

 private:
  std::map<auth822::DnsQuestion, auth822::DnsFacts> known_;
};

// d.example on mail.d.example with the address 192.0.2.1, for which it accepts mail.
Subject usual_subject();

// "STATUS NAME: TEXT; ADVICE" of each finding.
std::vector<std::string> lines_of(const Report& report);

}  // namespace reqmail::dnscheck
