#include "listen/tls_here.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/constmap.h"
#include "base/text.h"
#include "base/wipe.h"
#include "control/files.h"
#include "listen/tls_files.h"
#include "listen/tls_log.h"
#include "listen/tls_wish.h"
#include "sys/file.h"
#include "tls/connection.h"

namespace reqmail::listen {

namespace {

// Addresses in client certificates that may relay. A certificate is asked for only if it may
// help; nullopt if not.
Result<std::optional<base::ConstMap>> load_clients(tls::ServerSettings& settings) {
  control::ControlFiles files;
  const auto clients = files.list("tlsclients");
  if (files.failure()) {
    return unreadable(*files.failure());
  }
  if (!clients || !sys::status(control::path("clientca.pem"))) {
    return std::optional<base::ConstMap>();
  }
  settings.client_ca = control::path("clientca.pem");
  if (sys::status(control::path("clientcrl.pem"))) {
    settings.client_crl = control::path("clientcrl.pem");
  }
  return std::optional<base::ConstMap>(base::ConstMap::of_keys(*clients));
}

class TlsHere final : public tls::StartTls {
 public:
  explicit TlsHere(const OwnTls& settings)
      : program_(settings.program),
        service_(settings.service),
        allowed_(settings.allowed),
        choices_(settings.choices),
        ready_(settings.ready),
        limits_{std::min(settings.timeout, tls::kServerHandshakeMax), settings.timeout} {}

  bool offered() override { return allowed_ && has_certificate(); }

  Result<void> prepare(const tls::TlsRequest& request) override {
    if (context_) {
      return {};
    }
    if (ready_ != nullptr && ready_->choices == choices_ &&
        ready_->opportunistic == request.opportunistic) {
      take(*ready_);
      return {};
    }
    auto loaded = load_ready_tls(service_, choices_, request.opportunistic);
    if (!loaded) {
      return loaded.error();
    }
    take(*loaded);
    return {};
  }

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& clear) override {
    auto made = tls::Connection::accept(*context_, clear.input(), clear.output(), limits_);
    if (!made) {
      return temporary(handshake_failed(made.error()));
    }
    // The client has its ticket.
    context_->forget_ticket_keys();
    (*made)->rest_in_silence();
    tls::TlsOutcome outcome;
    if (clients_) {
      look_at_client((*made)->peer(), outcome);
    }
    outcome.version = (*made)->version();
    outcome.connection = std::move(*made);
    return outcome;
  }

 private:
  void take(const ReadyTls& ready) {
    context_ = ready.context;
    clients_ = ready.clients;
  }

  void look_at_client(tls::PeerCertificate peer, tls::TlsOutcome& outcome) const {
    for (std::string& address : peer.addresses) {
      if (clients_->contains(address)) {
        outcome.client = std::move(address);
        return;
      }
    }
    if (!peer.verify_error) {
      log_tls(program_, "client certificate refused: not in control/tlsclients");
    } else if (!peer.verify_error->empty()) {
      log_tls(program_, base::concat({"client certificate refused: ", *peer.verify_error}));
    }
    outcome.verify_error = std::move(peer.verify_error).value_or("");
  }

  std::string_view program_;
  std::string_view service_;
  bool allowed_;
  TlsChoices choices_;
  const ReadyTls* ready_;
  tls::TimeLimits limits_;
  std::optional<tls::Context> context_;
  std::optional<base::ConstMap> clients_;
};

}  // namespace

Result<tls::Context> load_server_context(std::string_view service, const TlsChoices& choices,
                                         const AdjustTls& adjust) {
  auto settings = load_server_settings(service, choices);
  if (!settings) {
    return settings.error();
  }
  const auto adjusted = adjust(*settings);
  auto context = adjusted ? tls::Context::server(*settings) : adjusted.error();
  base::wipe(settings->ticket_keys);
  return context;
}

Result<ReadyTls> load_ready_tls(std::string_view service, const TlsChoices& choices,
                                bool opportunistic) {
  std::optional<base::ConstMap> clients;
  auto context =
      load_server_context(service, choices, [&](tls::ServerSettings& settings) -> Result<void> {
        settings.liberal = opportunistic;
        auto loaded = load_clients(settings);
        if (!loaded) {
          return loaded.error();
        }
        clients = std::move(*loaded);
        return {};
      });
  if (!context) {
    return context.error();
  }
  return ReadyTls{choices, opportunistic, std::move(*context), std::move(clients)};
}

std::unique_ptr<tls::StartTls> tls_here(const OwnTls& settings) {
  return std::make_unique<TlsHere>(settings);
}

}  // namespace reqmail::listen
