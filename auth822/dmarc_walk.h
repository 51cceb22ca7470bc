// The tree walk of DMARC (RFC 9989 section 4.10), which finds the organization of a domain by
// the policy records on the way from it to the top.
#pragma once

#include <optional>
#include <string>

#include "auth822/dmarc_record.h"
#include "auth822/known_facts.h"

namespace reqmail::auth822 {

struct DmarcWalk {
  bool known = true;  // all answers are there
  bool failed = false;
  std::string organization;
  // The name of the public suffix above the organization, if its record says so.
  std::optional<std::string> suffix = std::nullopt;
};

// Walks as far as the facts go; those that are missing become wanted ones.
DmarcWalk walk_from(const std::string& domain, KnownFacts& facts);

// Returns whether it is known which policy record the domain itself has; if not, that becomes a
// wanted fact.
bool knows_record_at(const std::string& domain, KnownFacts& facts);

// Returns the policy record of a domain itself, without wanting any fact.
std::optional<DmarcRecord> dmarc_record_at(const std::string& domain, const KnownFacts& facts);

}  // namespace reqmail::auth822
