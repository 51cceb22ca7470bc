// The child of a server that speaks TLS for it (listen/tls_by_child): everything that needs
// root is loaded first, then the process becomes qmaild, confined to what it still needs.
#pragma once

#include <string_view>

#include "base/time.h"
#include "listen/tls_wish.h"

namespace reqmail::listen {

struct TlsChild {
  std::string_view service;  // as load_server_settings() has it
  base::Seconds timeout;     // of each wait for the client
  TlsChoices choices = {};
};

// Loads certificate, key and ciphers, then gives up everything that a process does not need
// that talks to strangers, then shakes hands with the client at descriptors 0 and 1 as soon as
// the server says so, and relays between it and the socket until the session is over. False:
// there was no session.
bool serve_tls_child(const TlsChild& child);

}  // namespace reqmail::listen
