// Checks of proto/mail_policy: the lists of refused peers, and the limits for clients that are
// refused too often.
#pragma once

#include "proto/mail_policy.h"

namespace reqmail::proto {

// Checks badhelo. A client that has not said HELO has no name that could be refused.
Ruling helo_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                       Answers answers);

// Checks badmailfrom. The sender is judged at each RCPT, as in qmail. A refusal by the one list
// that netqmail has is logged only if the log or the expressions of patches are configured.
Ruling sender_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                         Answers answers);

// Checks rejectnullsenders.
Ruling null_sender_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers answers);

// Checks brtlimit.
Ruling client_is_not_guessing(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers answers);

// Checks badrcptto.
Ruling recipient_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                            Answers answers);

// Refuses an address with a control character, after badrcptto, which may name it.
Ruling recipient_has_no_control_characters(const MailPolicySettings& settings,
                                           const PolicyFacts& facts, Answers answers);

}  // namespace reqmail::proto
