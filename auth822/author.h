// The author of a message: the domains in its From field (RFC 9989 section 4.10, RFC 5322
// section 3.6.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth822/message_header.h"

namespace reqmail::auth822 {

struct Author {
  // In lower case and with A-labels; absent: no From field, several, or authors of no or
  // several domains.
  std::optional<std::string> domain;
  std::string problem;
};

Author find_author(const MessageHeader& header);

}  // namespace reqmail::auth822
