// TLS of a server by a child, since the server must stay root for the program that it starts
// after the login, and whoever may be root does not talk to strangers in TLS. The child has the
// key, drops all it can before the first byte of the client, and relays (listen/tls_child);
// what it decrypts comes to the server, and what that starts, over a socket.
#pragma once

#include <memory>
#include <string>

#include "tls/start_tls.h"

namespace reqmail::listen {

// `program` is in bin/ of qmail's home, which need not be the current directory. It is offered
// if it is `allowed` and the certificate exists. After begin() the descriptors of the
// connection in clear are the socket; close() waits until the child has sent everything.
std::unique_ptr<tls::StartTls> tls_by_child(std::string program, bool allowed);

}  // namespace reqmail::listen
