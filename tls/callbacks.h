// What OpenSSL asks a server during a handshake.
#pragma once

#include <string>

#include "tls/handles.h"

namespace reqmail::tls {

// Certificates by server name: `directory` must live as long as the context.
void serve_names(SSL_CTX* context, const std::string& directory);

// Whether a name that a client sent may become part of a path: letters, digits, '-', '_' and
// '.', not at its beginning.
bool is_safe_name(std::string_view name);

// Session tickets under shared keys; `keys` (whole ones) must live as long as the context.
void use_ticket_keys(SSL_CTX* context, const std::string& keys);

}  // namespace reqmail::tls
