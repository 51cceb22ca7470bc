// What qmail-remote and qmail-remote-tls have in common: all but how TLS is begun.
#pragma once

#include "tls/start_tls.h"

namespace reqmail::remote {

// Delivers as the arguments say, or goes on with what another program has begun; writes the
// report to descriptor 1 and ends the process.
[[noreturn]] void remote_main(int argc, char** argv, tls::StartTls& tls);

}  // namespace reqmail::remote
