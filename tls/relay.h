// Bytes both ways between a TLS connection and a socket that carries them in clear.
#pragma once

#include "base/time.h"
#include "tls/connection.h"

namespace reqmail::tls {

struct RelayLimits {
  base::Seconds stalled;    // for how long the client may take nothing of what waits for it
  base::Seconds after_end;  // how long nothing may move once the client has ended its side
};

// Relays until the programs behind `inner` have ended theirs and the client has got everything,
// until a limit has passed, or until nothing is left to do: neither side waits for the other
// one's bytes, and what a side does not take is not read from the other. The client's end
// becomes the end of file of `inner`, after all that came before it; what is sent to a client
// that is gone is thrown away until `inner` ends, so that its last commands are still heard.
// Says close_notify if that is possible. There is no limit on silence: that is for the programs
// behind `inner`.
void relay(Connection& client, int inner, const RelayLimits& limits);

}  // namespace reqmail::tls
