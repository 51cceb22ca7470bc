// What OpenSSL asks a server during a handshake.
#pragma once

#include <string>

#include "tls/context.h"
#include "tls/handles.h"

namespace reqmail::tls {

// Certificates by server name: `named` must live as long as the context.
void serve_names(SSL_CTX* context, const NamedCertificates& named);

// Session tickets under shared keys; `keys` (whole ones) must live as long as the context.
void use_ticket_keys(SSL_CTX* context, const std::string& keys);

}  // namespace reqmail::tls
