// Where the checks of a domain get the records of the DNS from.
#pragma once

#include <vector>

#include "auth822/dns_facts.h"

namespace reqmail::dnscheck {

class Answers {
 public:
  Answers() = default;
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;
  Answers(Answers&&) = delete;
  Answers& operator=(Answers&&) = delete;
  virtual ~Answers() = default;

  // Asks all these questions at once; find() then has the answers.
  virtual void ask(const std::vector<auth822::DnsQuestion>& questions) = 0;

  // Returns the answer to one question; asks it first if that has not been done.
  virtual auth822::DnsFacts find(const auth822::DnsQuestion& question) = 0;

  auth822::DnsFacts find(auth822::RecordType type, std::string_view name) {
    return find(auth822::question(type, name));
  }
};

// Answers the questions of a check of auth822/ until it has none.
template <typename Check>
void answer_all(Check& check, Answers& answers) {
  while (!check.wants().empty()) {
    // A copy: an answer changes what the check wants.
    const auto wants = check.wants();
    answers.ask(wants);
    for (const auth822::DnsQuestion& question : wants) {
      check.answer(question, answers.find(question));
    }
  }
}

}  // namespace reqmail::dnscheck
