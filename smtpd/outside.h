// What the machines and the policy of proto/ ask, answered: the host's addresses, rcpthosts,
// random numbers.
#pragma once

#include <optional>

#include "base/ip_address.h"
#include "base/result.h"
#include "net/local_addresses.h"
#include "proto/mail_policy.h"
#include "proto/question.h"
#include "smtpd/rcpthosts.h"

namespace reqmail::smtpd {

class Outside {
 public:
  // Without rcpthosts every domain is listed.
  Outside() = default;

  // `rcpthosts` must outlive it.
  explicit Outside(const RcptHosts& rcpthosts) : rcpthosts_(&rcpthosts) {}

  // A Failure has the text that a client may read. Whether TLS is offered, what the DNS says
  // about a sender, and whether a recipient exists is known to a session only; here there is no
  // TLS and nothing against senders and recipients.
  Result<proto::Answer> answer(const proto::Question& question);

 private:
  Result<proto::Answer> is_own(const base::IpAddress& address);
  Result<proto::Answer> is_listed(std::string_view domain);

  const RcptHosts* rcpthosts_ = nullptr;
  std::optional<net::LocalAddresses> own_addresses_;
};

// The policy's ruling of a phase, all its questions answered; nullopt if it accepts.
std::optional<proto::Refusal> judge(proto::MailPolicy& policy, proto::PolicyPhase phase,
                                    const proto::PolicyFacts& facts, Outside& outside);

}  // namespace reqmail::smtpd
