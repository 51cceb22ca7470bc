// The peer of a server that a listener started, from the environment (tcp-environ(5)).
#pragma once

#include "mail/received.h"

namespace reqmail::listen {

// TCPREMOTEHOST, TCPREMOTEIP, TCPREMOTEINFO and TCPLOCALHOST (else TCPLOCALIP). Under
// PROTO=TCP6 the variables that begin with TCP6 come first if a listener sets both kinds. An
// IPv4 address mapped into IPv6 is shown as the IPv4 address it is.
mail::NetworkPeer network_peer();

}  // namespace reqmail::listen
