// Checks of proto/mail_policy: the lists of what is refused, and the limits of clients that are
// refused too often.
#pragma once

#include "proto/mail_policy.h"

namespace reqmail::proto {

// badhelo. A client that has not said HELO has no name to be refused.
Ruling helo_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                       Answers answers);

// badmailfrom. The sender is judged at each recipient, as qmail does it. A refusal by the list
// that netqmail has is logged only if the log or the expressions of patches are asked for.
Ruling sender_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                         Answers answers);

// rejectnullsenders.
Ruling null_sender_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers answers);

// brtlimit.
Ruling client_is_not_guessing(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers answers);

// badrcptto.
Ruling recipient_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                            Answers answers);

}  // namespace reqmail::proto
