// What deliveries must have in common to go over one connection.
#pragma once

#include <string>

#include "remote/attempt.h"
#include "remote/session_terms.h"
#include "remote/source_addresses.h"
#include "remote/tls_decision.h"

namespace reqmail::remote {

// Returns a text that differs if anything differs that the connection was made with: `host` and
// `relay` (remote/targets.h), the port, the login, the time limit, the addresses of this host,
// and the names for EHLO. What TLS is needed is not in it. It has the password.
std::string connection_terms(const SessionTerms& terms, const std::string& host,
                             const std::string& relay, const SourceAddresses& from,
                             const AddressSettings& addresses);

// Returns a text that differs if anything differs that the plan says of TLS, or if one of the
// files that it names, the client's certificate or the list of ciphers has changed. A
// connection with another text was made under other demands, which may be weaker. The current
// directory is qmail's home.
std::string tls_terms(const TlsPlan& plan);

}  // namespace reqmail::remote
