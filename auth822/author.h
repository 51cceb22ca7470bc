// The author of a message: the domain in its From field (RFC 9989 section 5.3.1, RFC 5322
// section 3.6.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth822/message_header.h"

namespace reqmail::auth822 {

struct Author {
  // Why there is no domain.
  enum class Fault {
    none,
    not_single,    // no From field, several, or authors of several domains
    no_domain,     // no author has one: an empty group, a local name, an address literal
    malformed,     // the field cannot be read, or no domain could have the name that it shows
    not_converted  // nobody could tell the A-labels of the domain
  };

  // In lower case and with A-labels.
  std::optional<std::string> domain;
  Fault fault = Fault::none;
  std::string problem = {};  // the fault in words
};

// Authors without a domain do not count if another one has one.
Author find_author(const MessageHeader& header);

}  // namespace reqmail::auth822
