// Macros of SPF (RFC 7208 section 7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace reqmail::auth822 {

// What the letters of macros stand for.
struct SpfMacroValues {
  std::string sender_local;           // l, and the part of s before '@'
  std::string sender_domain;          // o
  std::string domain;                 // d: the domain whose record is evaluated
  std::string helo;                   // h
  std::string receiver;               // r
  std::string validated = "unknown";  // p
  base::IpAddress client;             // i, c, v
  std::uint64_t time = 0;             // t: seconds since 1970
};

enum class SpfMacroPlace {
  domain_spec,  // the name of a domain, in a record
  explanation,  // a text for people: c, r and t are allowed too
};

// Whether the text is a macro-string of the grammar.
bool is_spf_macro_string(std::string_view text, SpfMacroPlace place);

// Whether the text is a domain-spec of the grammar: a macro-string that ends in a macro, or in
// a dot and a label that a top-level domain could have.
bool is_spf_domain_spec(std::string_view text);

// Whether the text asks for `p`, which takes questions of its own.
bool asks_for_validated_name(std::string_view text);

// The text of a macro-string. Absent if it is none.
std::optional<std::string> expand_spf_macros(std::string_view text, SpfMacroPlace place,
                                             const SpfMacroValues& values);

// The name that a domain-spec stands for: labels are cut off at the left until it has at most
// 253 bytes (RFC 7208 section 7.3).
std::optional<std::string> expand_spf_domain(std::string_view text,
                                             const SpfMacroValues& values);

}  // namespace reqmail::auth822
