#include "remote/tls_here.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/text.h"
#include "control/files.h"
#include "sys/clock.h"
#include "sys/secrets.h"
#include "tls/connection.h"
#include "tls/context.h"
#include "tls/server_identity.h"

namespace reqmail::remote {

namespace {

constexpr base::Seconds kHandshakeMax{300};

// Texts of reports, without what comes after them: the server's address.
Failure not_connected(std::string_view what) {
  return temporary(base::concat({what, "; connecting to"}));
}

Failure connected(std::string_view what) {
  return temporary(base::concat({what, "; connected to"}));
}

Result<tls::Context> load_context(const Result<std::string>& ciphers,
                                  const tls::TlsRequest& request) {
  if (!ciphers) {
    return ciphers.error();
  }
  tls::ClientSettings settings;
  settings.ciphers = *ciphers;
  settings.trusted = request.trusted;
  settings.certificate = control::path("clientcert.pem");
  auto context = tls::Context::client(settings);
  if (!context) {
    const bool bad_file = context.error().text.starts_with("unable to load ");
    return not_connected(bad_file ? "TLS unable to load " + *request.trusted
                                  : "TLS connect failed: " + context.error().text);
  }
  return context;
}

Result<void> verify(const tls::Connection& connection, const tls::TlsRequest& request) {
  const auto error = tls::verify_server(connection, request.server_name);
  if (!error) {
    return {};
  }
  const std::string whom = error->chain ? "with " + *request.trusted : request.server_name;
  return connected(base::concat({"TLS unable to verify server ", whom, ": ", error->why}));
}

tls::TimeLimits limits_of(const tls::TlsRequest& request) {
  auto handshake = std::min(request.timeout, kHandshakeMax);
  if (request.end) {
    handshake = std::min(
        handshake, std::chrono::duration_cast<base::Seconds>(*request.end - sys::monotonic()));
  }
  return {handshake, request.timeout, request.end};
}

class TlsHere final : public tls::StartTls {
 public:
  explicit TlsHere(Result<std::string> ciphers) : ciphers_(std::move(ciphers)) {}

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& request,
                                sys::Connection& clear) override {
    // A key may come into it.
    sys::hide_memory();
    const auto context = load_context(ciphers_, request);
    if (!context) {
      return context.error();
    }
    auto made = tls::Connection::connect(*context, request.server_name, clear.input(),
                                         clear.output(), limits_of(request));
    if (!made) {
      return connected("TLS connect failed: " + tls::handshake_error(made.error()));
    }
    if (request.trusted) {
      if (auto verified = verify(**made, request); !verified) {
        return verified.error();
      }
    }
    tls::TlsOutcome outcome;
    outcome.connection = std::move(*made);
    return outcome;
  }

 private:
  Result<std::string> ciphers_;
};

}  // namespace

Result<std::string> read_client_ciphers() {
  control::ControlFiles files;
  const auto lines = files.list("tlsclientciphers");
  if (files.failure()) {
    return not_connected(
        base::concat({"TLS unable to load ", control::path("tlsclientciphers")}));
  }
  return lines ? tls::cipher_list(*lines) : std::string();
}

std::unique_ptr<tls::StartTls> remote_tls_here(Result<std::string> ciphers) {
  return std::make_unique<TlsHere>(std::move(ciphers));
}

}  // namespace reqmail::remote
