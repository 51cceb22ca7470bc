// The check of proto/mail_policy whether a recipient exists. First the sources are asked
// (validrcptto, recipients, realrcptto), of which the first with an opinion decides; then the
// program of RCPTCHECK, which may still refuse.
#pragma once

#include <string_view>

#include "proto/mail_policy.h"

namespace reqmail::proto {

Ruling recipient_exists(const MailPolicySettings& settings, const PolicyFacts& facts,
                        Answers answers);

// Returns the refusal that a program has written: its first line, if that is a code from 400 to
// 599, a blank and a text. Any other output becomes a temporary refusal with a text of our own.
Refusal refusal_of_checker(std::string_view said);

}  // namespace reqmail::proto
