// TLS by the listener, which speaks it for its programs when they ask for it: UCSPI-TLS, as
// sslserver does with -n. The variable UCSPITLS says what the operator wants (listen/tls_wish);
// SSLCTLFD, SSLREADFD and SSLWRITEFD name the descriptors.
#pragma once

#include <memory>

#include "tls/start_tls.h"

namespace reqmail::listen {

// Null if the listener cannot speak TLS, or is not to. `allowed`: it is offered. begin() tells
// the listener to begin, and the descriptors of the connection in clear lead to it from then
// on; its own descriptors and variables are gone afterwards. Whether the handshake succeeds is
// seen by the input: it ends if not.
std::unique_ptr<tls::StartTls> tls_by_listener(bool allowed);

}  // namespace reqmail::listen
