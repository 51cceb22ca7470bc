// Where a message that is sent comes from, as the trace fields say that were added on its way
// through this host: fields are added at the top, so that what a stranger wrote is below them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth822/auth_results.h"
#include "auth822/message_header.h"

namespace reqmail::auth822 {

struct Origin {
  // The message came from a client, was delivered here and is sent on: a Delivered-To field is
  // above the topmost Received field that names a client.
  bool forwarded = false;
  // It came by SMTP or QMTP, and the client had not logged in.
  bool by_stranger = false;
  // The Authentication-Results fields of this host about its arrival, from the top:
  // qmail-smtpd's, and those of milters.
  std::vector<const RawField*> own_results = {};
};

// `service` is the name of this host in its Authentication-Results fields. The origin points
// into the header, which must outlive it. A field between the Received field of the client and
// the next one is believed to be this host's if it has this name; qmail-smtpd removes others.
Origin find_origin(const MessageHeader& header, std::string_view service);

// Returns whether these results, of this host, prove that the domain is the author's:
// dmarc=pass for it, or dkim=pass by its key or that of a parent domain.
bool proves_author(const std::vector<AuthResult>& results, std::string_view domain);

}  // namespace reqmail::auth822
