// An SPF record taken apart (RFC 7208 sections 4.5, 4.6, 5, 6).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reqmail::auth822 {

// A qualifier, and what a match of its mechanism means.
enum class SpfQualifier { pass, fail, softfail, neutral };

enum class SpfMechanism { all, include, a, mx, ptr, ip4, ip6, exists };

struct SpfDirective {
  SpfQualifier qualifier = SpfQualifier::pass;
  SpfMechanism mechanism = SpfMechanism::all;
  // A domain-spec with its macros; empty: the domain whose record it is.
  std::string domain_spec;
  // Of ip4 and ip6.
  base::IpAddress network;
  // Bits that must agree, for a client of each family.
  std::size_t prefix4 = 32;
  std::size_t prefix6 = 128;
};

struct SpfRecord {
  std::vector<SpfDirective> directives;
  std::optional<std::string> redirect;     // a domain-spec
  std::optional<std::string> explanation;  // a domain-spec
};

// Whether a TXT record is one of SPF: "v=spf1", and then its end or a blank.
bool is_spf_record(std::string_view text);

// The record; absent if it breaks the grammar anywhere.
std::optional<SpfRecord> parse_spf_record(std::string_view text);

// The line of control/spfrules or control/spfguess: directives, with or without the version in
// front of them, and no modifiers.
std::optional<SpfRecord> parse_spf_rules(std::string_view text);

}  // namespace reqmail::auth822
