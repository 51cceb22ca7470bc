// Answers of the name servers of this host.
#pragma once

#include <chrono>
#include <map>

#include "dnscheck/answers.h"
#include "net/dns_resolver.h"

namespace reqmail::dnscheck {

class ResolverAnswers final : public Answers {
 public:
  // `time`: how long all questions together may take. What has no answer then counts as
  // temporary trouble.
  ResolverAnswers(net::DnsServers servers, std::chrono::milliseconds time);

  void ask(const std::vector<auth822::DnsQuestion>& questions) override;
  auth822::DnsFacts find(const auth822::DnsQuestion& question) override;
  using Answers::find;

 private:
  net::DnsResolver resolver_;
  std::chrono::milliseconds end_;
  std::map<auth822::DnsQuestion, auth822::DnsFacts> known_;
};

}  // namespace reqmail::dnscheck
