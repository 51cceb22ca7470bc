// TLS of a server in this process: its control files, and the handshake.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/constmap.h"
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

// What a session loads when it needs TLS, loaded before, by the process that forks the
// sessions.
struct ReadyTls {
  // It is for sessions that want this.
  TlsChoices choices;
  bool opportunistic = false;
  tls::Context context;
  // Addresses in certificates of clients that may relay; nullopt if no certificate is asked
  // for.
  std::optional<base::ConstMap> clients;
};

// The text of a Failure is for a client.
Result<ReadyTls> load_ready_tls(std::string_view service, const TlsChoices& choices,
                                bool opportunistic);

struct OwnTls {
  std::string_view program;  // as the log names it
  std::string_view service;  // as load_server_settings() has it
  base::Seconds timeout;     // of each read and write; of a handshake, but 60 seconds at most
  bool allowed = true;       // it is offered if it is allowed and the certificate exists
  TlsChoices choices = {};
  // Used by sessions that want what it is for; may be null.
  const ReadyTls* ready = nullptr;
};

// Files are loaded when they are needed. Clients are asked for certificates if
// control/tlsclients and control/clientca.pem exist; those in a verified certificate and in
// control/tlsclients are the outcome's `client`.
std::unique_ptr<tls::StartTls> tls_here(const OwnTls& settings);

}  // namespace reqmail::listen
