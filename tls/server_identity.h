// Whether the server at the other end is who it should be.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tls/connection.h"

namespace reqmail::tls {

// Why it is not; `chain`: its certificates were not issued by those that are trusted, or not
// for now; else they bear no such name.
struct IdentityDoubt {
  bool chain = false;
  std::string why;
};

// Holds what a server showed in the handshake against the context's `trusted` and a name, in
// lower case: against the dNSNames of its certificate, or, where it has none, against its
// common name (RFC 6125 sections 6.4.1, 6.4.3 and 6.4.4). Nothing where all is well.
std::optional<IdentityDoubt> doubt_server(const Connection& connection, std::string_view name);

// Whether a name of a certificate stands for a host: it is equal in any case, or it is `*.`
// and the name of the host without its first label.
bool names_host(std::string_view certified, std::string_view host);

}  // namespace reqmail::tls
