// The control files that all servers with TLS have in common.
#pragma once

#include <string_view>

#include "base/result.h"
#include "control/files.h"
#include "listen/tls_wish.h"
#include "tls/context.h"

namespace reqmail::listen {

// What is chosen, else what the files of the current directory, which is qmail's home, say:
// tlsserverciphers, tlsminversion; tlsticketkey; the names of servercert.pem and servercerts.
// The ticket keys are to be wiped. The text of a Failure is for a client. `service`: "smtp" or
// "pop3".
Result<tls::ServerSettings> load_server_settings(std::string_view service,
                                                 const TlsChoices& choices);

// "unable to read control/NAME".
Failure unreadable(const control::ControlFailure& failure);

}  // namespace reqmail::listen
