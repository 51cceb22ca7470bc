// Whether the server at the other end is who it should be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/connection.h"

namespace reqmail::tls {

// Why it is not. `chain`: its certificates were not issued by those that are trusted, or not
// for now; otherwise its certificate does not have the name.
struct IdentityError {
  bool chain = false;
  std::string why;
  bool expired = false;  // of the chain: a certificate is too old
};

// Compares what a server showed in the handshake with the context's `trusted` or
// `trusted_directory`, and with names in lower case, of which one is enough: with the dNSNames
// of its certificate or, if it has none, with its common name (RFC 6125 sections 6.4.1, 6.4.3
// and 6.4.4). Returns nullopt if the server is verified.
std::optional<IdentityError> verify_server(const Connection& connection,
                                           const std::vector<std::string>& names);

// Returns why the server of a connection with TLSA records is not the one that they describe;
// nullopt if it is.
std::optional<std::string> verify_dane(const Connection& connection);

}  // namespace reqmail::tls
