// The parameters of MAIL and RCPT that ask for reports (RFC 3461 section 4).
#pragma once

#include <string_view>

#include "mail/dsn.h"

namespace reqmail::proto {

// Takes RET and ENVID from the argument of MAIL. Returns false if one is malformed
// or there twice.
bool take_dsn_of_mail(std::string_view argument, mail::DsnRequest& request);

// Takes NOTIFY and ORCPT from the argument of RCPT. Returns false if one is malformed
// or there twice. With `utf8` the transaction has SMTPUTF8, and ORCPT may have UTF-8, which is
// put into ASCII; without room for it, it is left out.
bool take_dsn_of_rcpt(std::string_view argument, bool utf8, mail::DsnRecipient& recipient);

}  // namespace reqmail::proto
