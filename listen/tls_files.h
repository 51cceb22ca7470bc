// The control files that all servers with TLS have in common.
#pragma once

#include <string_view>

#include "base/result.h"
#include "control/files.h"
#include "tls/context.h"

namespace reqmail::listen {

// From the current directory, which is qmail's home: TLSCIPHERS or tlsserverciphers,
// TLSMINVERSION or tlsminversion, tlsticketkey; the names of servercert.pem and servercerts.
// The ticket keys are to be wiped. The text of a Failure is for a client. `service`: "smtp" or
// "pop3".
Result<tls::ServerSettings> load_server_settings(std::string_view service);

// "unable to read control/NAME".
Failure unreadable(const control::ControlFailure& failure);

}  // namespace reqmail::listen
