#include "remote/tls_here.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "control/files.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/secrets.h"
#include "tls/connection.h"
#include "tls/context.h"
#include "tls/server_identity.h"

namespace reqmail::remote {

namespace {

constexpr base::Seconds kHandshakeMax{300};

// Texts of reports, without what stands behind them: the server's address.
Failure not_connected(std::string_view what) {
  return temporary(base::concat({what, "; connecting to"}));
}

Failure connected(std::string_view what) {
  return temporary(base::concat({what, "; connected to"}));
}

// OpenSSL's reason, or the system's.
std::string reason_of(const Failure& failure) {
  constexpr std::string_view kPrefix = "TLS: ";
  if (failure.error != 0 && failure.error != EPROTO) {
    return std::string(sys::error_text(failure.error));
  }
  return failure.text.starts_with(kPrefix) ? failure.text.substr(kPrefix.size()) : failure.text;
}

Result<std::string> read_ciphers() {
  control::ControlFiles files;
  const auto lines = files.list("tlsclientciphers");
  if (files.failure()) {
    return not_connected(
        base::concat({"TLS unable to load ", control::path("tlsclientciphers")}));
  }
  std::string list;
  if (lines) {
    for (const std::string& line : *lines) {
      list += base::concat({list.empty() ? "" : ":", line});
    }
  }
  return list;
}

class OwnTls final : public TlsStarter {
 public:
  Result<std::unique_ptr<sys::Connection>> start(
      const TlsDemand& demand, const std::function<Handover()>& state) override;
};

Result<void> check(const tls::Connection& connection, const TlsDemand& demand) {
  const auto error = tls::verify_server(connection, demand.name);
  if (!error) {
    return {};
  }
  const std::string whom = error->chain ? "with " + *demand.trusted : demand.name;
  return connected(base::concat({"TLS unable to verify server ", whom, ": ", error->why}));
}

Result<std::unique_ptr<sys::Connection>> OwnTls::start(
    const TlsDemand& demand, const std::function<Handover()>& /*state*/) {
  // A key may come into it.
  sys::hide_memory();
  auto ciphers = read_ciphers();
  if (!ciphers) {
    return ciphers.error();
  }
  tls::ClientSettings settings;
  settings.ciphers = std::move(*ciphers);
  settings.trusted = demand.trusted;
  settings.certificate = control::path("clientcert.pem");
  auto context = tls::Context::client(settings);
  if (!context) {
    const bool bad_file = context.error().text.starts_with("unable to load ");
    return not_connected(bad_file ? "TLS unable to load " + *demand.trusted
                                  : "TLS connect failed: " + context.error().text);
  }
  const auto left = std::chrono::duration_cast<base::Seconds>(demand.end - sys::monotonic());
  auto made = tls::Connection::connect(
      *context, demand.name, demand.socket, demand.socket,
      {std::min({demand.timeout, left, kHandshakeMax}), demand.timeout, demand.end});
  if (!made) {
    return connected("TLS connect failed: " + reason_of(made.error()));
  }
  if (demand.trusted) {
    if (auto checked = check(**made, demand); !checked) {
      return checked.error();
    }
  }
  return std::unique_ptr<sys::Connection>(std::move(*made));
}

}  // namespace

std::unique_ptr<TlsStarter> remote_tls_here() {
  return std::make_unique<OwnTls>();
}

}  // namespace reqmail::remote
