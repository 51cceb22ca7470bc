// check_host() of SPF (RFC 7208): whether a host may send mail for a domain.
//
// The check knows no name server. It says what it wants to know (wants()), is told (answer()),
// and begins anew with all that it knows, until there is a result. Each pass over the records
// is cheap, and whoever asks can put all the questions at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"
#include "base/ip_address.h"
#include "mail/sender_verdict.h"

namespace reqmail::auth822 {

using mail::spf_word;
using mail::SpfWord;

struct SpfRequest {
  base::IpAddress client;
  std::string helo;
  // The envelope sender; empty: the null sender, for which HELO is checked.
  std::string sender;
  // Our own name, for the macro r.
  std::string receiver;
  std::uint64_t time = 0;
  // The explanation where the domain has none; macros allowed.
  std::string default_explanation;
  // Mechanisms of the host's own (control/spfrules), and the record of domains that have none
  // (control/spfguess). Empty: none. What breaks the grammar has no effect.
  std::string rules;
  std::string guess;
};

struct SpfResult {
  SpfWord word = SpfWord::none;
  // What a client may be told where the result is refused, of all words but pass and
  // temperror: at most 500 bytes, all of them from 32 to 126. Domains explain a fail alone.
  std::string explanation;
  // The rules or the guess of the host decided.
  bool local_policy = false;
  // How many terms asked the DNS until then, of kSpfLookupTermsMax; one more: too many.
  std::size_t lookups = 0;
  // What the domain itself says: the same where `local_policy` is false.
  SpfWord published = SpfWord::none;
};

// The domain whose record counts: the sender's, or HELO's for the null sender.
std::string spf_domain(const SpfRequest& request);

class SpfCheck {
 public:
  explicit SpfCheck(SpfRequest request);

  // The questions that wait for an answer; empty once there is a result.
  [[nodiscard]] const std::vector<DnsQuestion>& wants() const { return facts_.wants(); }

  void answer(const DnsQuestion& question, DnsFacts facts);

  [[nodiscard]] const std::optional<SpfResult>& result() const { return result_; }

  [[nodiscard]] const SpfRequest& request() const { return request_; }

 private:
  void evaluate();

  SpfRequest request_;
  KnownFacts facts_;
  std::optional<SpfResult> result_;
};

}  // namespace reqmail::auth822
