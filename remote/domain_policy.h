// What TLS the mail for a domain needs: control/tlspolicy, and the answers of a policy server,
// which have the same form without the domain (qmail-remote(8)).
//
//   LEVEL [match=NAME:NAME...] [servername=NAME] [NAME=VALUE]...
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "base/result.h"

namespace reqmail::remote {

// In the order of what they demand.
enum class TlsLevel {
  none,      // TLS is not used
  may,       // TLS is used if it is offered
  encrypt,   // TLS, whoever the server is
  verify,    // TLS with a certificate for the server's name by a known authority
  dane,      // what the TLSA records of the server say, if they are secure; otherwise may
  dane_only  // the same, but nothing is sent without such records
};

std::string_view level_name(TlsLevel level);

// Returns whether mail may never be sent in clear.
constexpr bool demands_tls(TlsLevel level) {
  return level > TlsLevel::may;
}

struct DomainPolicy {
  TlsLevel level = TlsLevel::may;
  // Of match=, in lower case: the certificate must have one of these names; `.name` matches all
  // names below it, and "hostname", "nexthop" and "dot-nexthop" stand for the server's name,
  // the domain, and all names below the domain. Empty: the server's name.
  std::vector<std::string> match;
  // Of servername=, in lower case: the name that the server is asked for; empty, or "hostname":
  // its own.
  std::string server_name;
  // What a policy server says about the policy for reports (RFC 8460 section 4.2):
  // policy_type=, policy_domain=, and each policy_string= and mx_host_pattern=.
  std::string type;
  std::string domain;
  std::vector<std::string> strings;
  std::vector<std::string> exchangers;
};

// Parses a policy. Also accepts the words of Postfix for the levels: "secure" means verify. The
// text of a Failure says why it is malformed.
Result<DomainPolicy> parse_policy(std::string_view text);

// The lines of control/tlspolicy, DOMAIN:POLICY; the domain is a name, `.name` for all names
// below it, or `*` for all others.
struct PolicyTable {
  std::vector<std::string> lines;

  // Returns the policy of the line that matches best, in any case; of equal ones the last one
  // counts. Nullopt if there is none. A Failure if that line is malformed: nobody knows what it
  // demands.
  [[nodiscard]] std::optional<Result<DomainPolicy>> find(std::string_view domain) const;
};

std::vector<base::BadLine> faults_of_tlspolicy(const std::vector<std::string>& lines);

// What the delivery ends with if the policy of its domain cannot be found out.
Failure policy_unknown(std::string_view domain);

}  // namespace reqmail::remote
