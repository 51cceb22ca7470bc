// The checks of auth822/, which ask for facts, and the name servers, which have them.
#pragma once

#include <chrono>

#include "auth822/dns_facts.h"
#include "net/dns_resolver.h"

namespace reqmail::judge {

// The facts of a finding, in the form that the checks know.
auth822::DnsFacts to_facts(const net::DnsFinding& finding);

// The question that a finding answers.
auth822::DnsQuestion to_question(const net::DnsFinding& finding);

// Puts a question; false if the DNS has no such name, which is an answer as well.
bool ask(net::DnsResolver& resolver, const auth822::DnsQuestion& question);

// Answers the questions of a check until it has none. What is not answered at `end`, on the
// clock of sys::monotonic(), counts as temporary trouble.
template <typename Check>
void pump(Check& check, net::DnsResolver& resolver, std::chrono::milliseconds end) {
  while (!check.wants().empty()) {
    // A copy: an answer changes what the check wants.
    const auto wants = check.wants();
    bool answered = false;
    for (const auth822::DnsQuestion& question : wants) {
      if (!ask(resolver, question)) {
        check.answer(question, {auth822::DnsStatus::nothing, {}, {}, {}});
        answered = true;
      }
    }
    if (answered) {
      continue;
    }
    const auto findings = resolver.wait(end);
    if (findings.empty()) {
      for (const auth822::DnsQuestion& question : wants) {
        check.answer(question, {});
      }
      resolver.forget_questions();
    }
    for (const net::DnsFinding& finding : findings) {
      check.answer(to_question(finding), to_facts(finding));
    }
  }
}

}  // namespace reqmail::judge
