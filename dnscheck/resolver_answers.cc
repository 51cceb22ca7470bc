#include "dnscheck/resolver_answers.h"

#include <utility>

#include "judge/dns_pump.h"
#include "sys/clock.h"

namespace reqmail::dnscheck {

namespace {

net::DnsServers asked_to_verify(net::DnsServers servers) {
  servers.wants_verification = true;
  return servers;
}

}  // namespace

ResolverAnswers::ResolverAnswers(net::DnsServers servers, std::chrono::milliseconds time)
    : resolver_(asked_to_verify(std::move(servers))), end_(sys::monotonic() + time) {}

void ResolverAnswers::ask(const std::vector<auth822::DnsQuestion>& questions) {
  for (const auth822::DnsQuestion& question : questions) {
    if (known_.contains(question)) {
      continue;
    }
    if (judge::ask(resolver_, question)) {
      // Temporary trouble until there is an answer.
      known_.emplace(question, auth822::DnsFacts());
    } else {
      known_.emplace(question, auth822::DnsFacts{auth822::DnsStatus::nothing, {}, {}, {}});
    }
  }
  while (resolver_.busy()) {
    const auto findings = resolver_.wait(end_);
    if (findings.empty()) {
      resolver_.forget_questions();
    }
    for (const net::DnsFinding& finding : findings) {
      known_[judge::to_question(finding)] = judge::to_facts(finding);
    }
  }
}

auth822::DnsFacts ResolverAnswers::find(const auth822::DnsQuestion& question) {
  ask({question});
  return known_.at(question);
}

}  // namespace reqmail::dnscheck
