#include "smtpd/tls_here.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "control/files.h"
#include "listen/tls_files.h"
#include "listen/tls_log.h"
#include "sys/file.h"
#include "sys/secrets.h"
#include "tls/connection.h"

namespace reqmail::smtpd {

namespace {

constexpr base::Seconds kHandshakeMax{60};

// A certificate is asked for only where it may help.
Result<std::optional<base::ConstMap>> load_clients(tls::ServerSettings& settings) {
  control::ControlFiles files;
  const auto clients = files.list("tlsclients");
  if (files.failure()) {
    return listen::unreadable(*files.failure());
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

class OwnTls final : public SmtpTls {
 public:
  OwnTls(std::optional<SmtpdTls> loaded, bool implicit, bool allowed, base::Seconds timeout)
      : loaded_(std::move(loaded)),
        implicit_(implicit),
        allowed_(allowed),
        limits_{std::min(timeout, kHandshakeMax), timeout} {}

  bool offered() override { return allowed_ && certificate_is_there(); }

  Result<void> prepare(const proto::SmtpServer& session) override {
    if (loaded_) {
      return {};
    }
    auto loaded = load_smtpd_tls(!implicit_ && !session.auth().policy().required);
    if (!loaded) {
      return loaded.error();
    }
    loaded_ = std::move(*loaded);
    return {};
  }

  Result<proto::SmtpSecurity> handshake(sys::Reader& input, sys::Writer& output) override {
    auto made = tls::Connection::accept(loaded_->context, input.connection().input(),
                                        input.connection().output(), limits_);
    if (!made) {
      return made.error();
    }
    connection_ = std::move(*made);
    input.switch_to(*connection_);
    output.switch_to(*connection_);
    return security();
  }

  void close() override {
    if (connection_) {
      connection_->close();
    }
  }

 private:
  [[nodiscard]] proto::SmtpSecurity security() const {
    proto::SmtpSecurity found;
    found.cipher = connection_->tls()->cipher;
    found.implicit = implicit_;
    if (!loaded_->clients) {
      return found;
    }
    tls::PeerCertificate peer = connection_->peer();
    for (std::string& address : peer.addresses) {
      if (loaded_->clients->contains(address)) {
        found.client = std::move(address);
        return found;
      }
    }
    if (!peer.verify_error) {
      listen::log_tls("qmail-smtpd", "client certificate refused: not in control/tlsclients");
    } else if (!peer.verify_error->empty()) {
      listen::log_tls("qmail-smtpd",
                      base::concat({"client certificate refused: ", *peer.verify_error}));
    }
    found.client_verify_error = std::move(peer.verify_error).value_or("");
    return found;
  }

  std::optional<SmtpdTls> loaded_;
  bool implicit_;
  bool allowed_;
  tls::TimeLimits limits_;
  std::unique_ptr<tls::Connection> connection_;
};

}  // namespace

Result<SmtpdTls> load_smtpd_tls(bool mail_exchanger) {
  auto loaded = listen::load_server_settings("smtp");
  if (!loaded) {
    return loaded.error();
  }
  tls::ServerSettings& settings = *loaded;
  settings.liberal = mail_exchanger;
  auto clients = load_clients(settings);
  if (!clients) {
    sys::wipe(settings.ticket_keys);
    return clients.error();
  }
  auto context = tls::Context::server(settings);
  sys::wipe(settings.ticket_keys);
  if (!context) {
    return context.error();
  }
  return SmtpdTls{std::move(*context), std::move(*clients)};
}

std::unique_ptr<SmtpTls> smtp_tls_here(std::optional<SmtpdTls> loaded, bool implicit,
                                       const SmtpdFiles& files,
                                       const SmtpdEnvironment& environment) {
  return std::make_unique<OwnTls>(std::move(loaded), implicit, !environment.tls_forbidden,
                                  files.timeout);
}

}  // namespace reqmail::smtpd
