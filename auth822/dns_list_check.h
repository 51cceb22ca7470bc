// What lists of clients in the DNS say (RFC 5782 section 2): for each name its addresses, and
// the text that goes with them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"
#include "mail/sender_verdict.h"

namespace reqmail::auth822 {

class DnsListCheck {
 public:
  // Each name is that of a client below a list's zone. All are asked for at once.
  explicit DnsListCheck(std::vector<std::string> names);

  [[nodiscard]] const std::vector<DnsQuestion>& wants() const { return facts_.wants(); }

  // The text of a list is asked for once it has an address.
  void answer(const DnsQuestion& question, DnsFacts facts);

  // Once nothing is wanted: a finding for each name, in their order.
  [[nodiscard]] std::vector<mail::ListFinding> results() const;

 private:
  [[nodiscard]] mail::ListFinding result_of(const std::string& name) const;

  std::vector<std::string> names_;
  KnownFacts facts_;
};

}  // namespace reqmail::auth822
