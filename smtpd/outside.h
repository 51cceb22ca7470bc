// Answers the questions of the state machines and of the policy in proto/ that concern the
// host: its IP addresses, rcpthosts, random numbers.
#pragma once

#include <optional>
#include <utility>

#include "base/ip_address.h"
#include "base/result.h"
#include "control/rcpthosts.h"
#include "net/local_addresses.h"
#include "proto/mail_policy.h"
#include "proto/question.h"

namespace reqmail::smtpd {

class Outside {
 public:
  // Without rcpthosts every domain counts as listed.
  Outside() = default;

  // `rcpthosts` must outlive the object.
  explicit Outside(const control::RcptHosts& rcpthosts,
                   net::AddressCorrections own_addresses = {})
      : rcpthosts_(&rcpthosts), corrections_(std::move(own_addresses)) {}

  // Answers a question. The text of a Failure may be shown to the client. Only a session knows
  // whether TLS is offered, what the DNS says about a sender, and whether a recipient exists;
  // here TLS is not offered, and there is nothing against senders and recipients.
  Result<proto::Answer> answer(const proto::Question& question);

 private:
  Result<proto::Answer> is_own(const base::IpAddress& address);
  Result<proto::Answer> is_listed(std::string_view domain);

  const control::RcptHosts* rcpthosts_ = nullptr;
  net::AddressCorrections corrections_;
  std::optional<net::LocalAddresses> own_addresses_;
};

// Returns why the policy refuses in this phase, after all its questions have been answered, or
// nullopt if it accepts.
std::optional<proto::Refusal> judge(proto::MailPolicy& policy, proto::PolicyPhase phase,
                                    const proto::PolicyFacts& facts, Outside& outside);

}  // namespace reqmail::smtpd
