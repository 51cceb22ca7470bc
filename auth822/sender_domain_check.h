// Whether mail could be sent back to a sender's domain: it has an MX record or an address
// (RFC 5321 section 5.1), and no null MX (RFC 7505).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"
#include "mail/sender_verdict.h"

namespace reqmail::auth822 {

class SenderDomainCheck {
 public:
  // `domain` in any case. One that no name server can be asked for is missing.
  explicit SenderDomainCheck(std::string domain);

  [[nodiscard]] const std::vector<DnsQuestion>& wants() const { return facts_.wants(); }

  void answer(const DnsQuestion& question, DnsFacts facts) {
    (void)facts_.answer(question, std::move(facts));
  }

  // Once nothing is wanted.
  [[nodiscard]] mail::SenderDomain result() const;

 private:
  std::string domain_;
  KnownFacts facts_;
};

}  // namespace reqmail::auth822
