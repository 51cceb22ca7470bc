// TLS of a server in this process: its control files, and the handshake.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "listen/tls_wish.h"
#include "tls/context.h"
#include "tls/start_tls.h"

namespace reqmail::listen {

// All that TLS needs and that the connections of a server share: what is chosen, else the
// control files of the current directory (listen/tls_files), with what `adjust` makes of them.
// The text of a Failure is for a client.
using AdjustTls = std::function<Result<void>(tls::ServerSettings&)>;
Result<tls::Context> load_server_context(std::string_view service, const TlsChoices& choices,
                                         const AdjustTls& adjust);

struct OwnTls {
  std::string_view program;  // as the log names it
  std::string_view service;  // as load_server_settings() has it
  base::Seconds timeout;     // of each read and write; of a handshake, but 60 seconds at most
  bool allowed = true;       // it is offered if it is allowed and the certificate exists
  TlsChoices choices = {};
};

// Files are loaded when they are needed. Clients are asked for certificates if
// control/tlsclients and control/clientca.pem exist; those in a verified certificate and in
// control/tlsclients are the outcome's `client`.
std::unique_ptr<tls::StartTls> tls_here(const OwnTls& settings);

}  // namespace reqmail::listen
