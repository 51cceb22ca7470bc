// What qmail-remote and qmail-remote-tls have in common: all but how TLS is begun.
#pragma once

#include <functional>
#include <memory>

#include "tls/start_tls.h"

namespace reqmail::remote {

// Called once, in qmail's home.
using MakeRemoteTls = std::function<std::unique_ptr<tls::StartTls>()>;

// Delivers as the arguments say, or goes on with what another program has begun, with TLS by
// what `make_tls` returns; writes the report to descriptor 1 and ends the process.
[[noreturn]] void remote_main(int argc, char** argv, const MakeRemoteTls& make_tls);

}  // namespace reqmail::remote
