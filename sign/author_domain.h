// For which domain a message that leaves is signed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth822/message_header.h"
#include "auth822/origin.h"

namespace reqmail::sign {

// Returns the author's domain, or that of the envelope sender if the message has no single
// author domain. A message of a stranger, whose author may be forged, is signed for its author
// only if this host's results prove the author; else for the domain of the sender (a list, or
// the forwarder's own after SRS) if its last two labels are not those of the author; else for
// no domain.
std::optional<std::string> domain_to_sign_for(const auth822::MessageHeader& header,
                                              const auth822::Origin& origin,
                                              std::string_view sender);

}  // namespace reqmail::sign
