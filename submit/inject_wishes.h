// What the caller of sendmail wants to be told of a message (-N, -R, -V; RFC 3461).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/dsn.h"

namespace reqmail::submit {

// The variable in which sendmail passes that to qmail-inject: parameters of MAIL and RCPT,
// separated by blanks, as "RET=HDRS NOTIFY=NEVER".
inline constexpr const char* kWishesVariable = "QMAILINJECTDSN";

struct InjectWishes {
  // The parameters of MAIL.
  mail::DsnRequest request;
  // It concerns every recipient.
  std::optional<mail::DsnNotify> notify;
};

// Parses the value of that variable. Malformed words do not count.
InjectWishes parse_wishes(std::string_view words);

// Returns the value of QMAILDSN for these recipients; empty if the caller wants nothing, or if
// it would be too long.
std::string wishes_text(InjectWishes wishes, const std::vector<std::string>& recipients);

}  // namespace reqmail::submit
