// For which domain a message that leaves is signed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth822/message_header.h"
#include "auth822/origin.h"

namespace reqmail::sign {

// Returns the domains for which the message may be signed, the first one first; it is signed
// for the first that has keys. This is the author's domain, or that of the envelope sender if
// the message has no single author domain. A message of a stranger, whose author may be forged,
// is signed for its author only if this host's results prove the author; otherwise, or if there
// is no key of the author's, for the domain of the sender (a list, or the forwarder's own after
// SRS) if its last two labels are not those of the author.
std::vector<std::string> domains_to_sign_for(const auth822::MessageHeader& header,
                                             const auth822::Origin& origin,
                                             std::string_view sender);

}  // namespace reqmail::sign
