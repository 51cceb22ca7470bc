// What OpenSSL asks a server during a handshake.
#pragma once

#include <string>

#include "tls/context.h"
#include "tls/handles.h"

namespace reqmail::tls {

// Certificates by server name: `named` must live as long as the context.
void serve_names(SSL_CTX* context, const NamedCertificates& named);

// Of the protocols that a client names (ALPN) `service` alone is accepted; one that names only
// others gets an alert. `service` must live as long as the context.
void serve_protocol(SSL_CTX* context, const std::string& service);

// Session tickets for TLS 1.3 under shared keys; `keys` (whole ones) must live as long as the
// context.
void use_ticket_keys(SSL_CTX* context, const std::string& keys);

}  // namespace reqmail::tls
