// TLS of a server by another program, which executes in the place of this one: everything that
// was said before the handshake is to be forgotten anyway.
#pragma once

#include <memory>

#include "tls/start_tls.h"
#include "tls/successor.h"

namespace reqmail::listen {

// It is offered if it is `allowed` and the certificate exists. prepare() executes the program,
// which answers the client itself; the current directory is qmail's home. The variable has the
// state of the request as its value.
std::unique_ptr<tls::StartTls> tls_by_exec(tls::Successor successor, bool allowed);

}  // namespace reqmail::listen
