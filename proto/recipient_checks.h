// The check of proto/mail_policy that asks whether a recipient exists: first the sources that
// know it (validrcptto, recipients, realrcptto), of which the first with an opinion decides,
// then the program that RCPTCHECK names, which may still refuse.
#pragma once

#include <string_view>

#include "proto/mail_policy.h"

namespace reqmail::proto {

Ruling recipient_exists(const MailPolicySettings& settings, const PolicyFacts& facts,
                        Answers answers);

// The reply that a program has written: its first line, if that is a code from 400 to 599, a
// blank and a text. Everything else is a temporary refusal in words of our own.
Refusal refusal_of_checker(std::string_view said);

}  // namespace reqmail::proto
