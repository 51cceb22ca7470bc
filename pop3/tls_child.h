// What qmail-popup-tls does: the TLS side of a POP3 login (pop3/tls.h says how the two
// talk).
#pragma once

namespace reqmail::pop3 {

// Loads certificate, key and ciphers, then gives up everything that a process does not need
// that talks to strangers, then shakes hands with the client at descriptors 0 and 1 as soon as
// qmail-popup says so, and relays between it and the socket until the session is over. False:
// there was no session.
bool serve_pop3_tls();

}  // namespace reqmail::pop3
