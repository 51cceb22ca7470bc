#include "remote/tls_here.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

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
  settings.trusted_directory = request.trusted_directory;
  settings.dane = !request.tlsa.empty();
  settings.certificate = control::path("clientcert.pem");
  auto context = tls::Context::client(settings);
  if (!context) {
    const bool bad_file = context.error().text.starts_with("unable to load ");
    return not_connected(bad_file ? "TLS unable to load " +
                                        request.trusted.value_or(
                                            request.trusted_directory.value_or(std::string()))
                                  : "TLS connect failed: " + context.error().text);
  }
  return context;
}

Failure unverified(std::string_view whom, std::string_view why) {
  return connected(base::concat({"TLS unable to verify server ", whom, ": ", why}));
}

// Sets `fault` if the server is not verified.
Result<void> verify(const tls::Connection& connection, const tls::TlsRequest& request,
                    tls::TlsFault& fault) {
  if (!request.tlsa.empty()) {
    fault = tls::TlsFault::no_matching_record;
    const auto why = tls::verify_dane(connection);
    return why ? unverified(request.server_name, *why) : Result<void>();
  }
  if (!request.trusted && !request.trusted_directory) {
    return {};
  }
  const auto error = tls::verify_server(
      connection, request.names.empty() ? std::vector{request.server_name} : request.names);
  if (!error) {
    return {};
  }
  if (error->chain) {
    fault = error->expired ? tls::TlsFault::expired : tls::TlsFault::untrusted;
  } else {
    fault = tls::TlsFault::wrong_name;
  }
  const bool by_file = error->chain && request.trusted;
  return unverified(by_file ? "with " + *request.trusted : request.server_name, error->why);
}

tls::TimeLimits limits_of(const tls::TlsRequest& request) {
  auto handshake = std::min(request.timeout, kHandshakeMax);
  if (request.end) {
    handshake = std::min(
        handshake, std::chrono::duration_cast<base::Seconds>(*request.end - sys::monotonic()));
  }
  return {handshake, request.timeout, request.end};
}

Result<std::unique_ptr<tls::Connection>> connect(const tls::Context& context,
                                                 const tls::TlsRequest& request,
                                                 sys::Connection& clear) {
  return request.tlsa.empty()
             ? tls::Connection::connect(context, request.server_name, clear.input(),
                                        clear.output(), limits_of(request))
             : tls::Connection::connect(context, request.server_name, request.tlsa,
                                        request.names, clear.input(), clear.output(),
                                        limits_of(request));
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
    auto made = connect(*context, request, clear);
    fault_ = tls::TlsFault::handshake;
    if (!made) {
      return connected("TLS connect failed: " + tls::handshake_error(made.error()));
    }
    if (auto verified = verify(**made, request, fault_); !verified) {
      return verified.error();
    }
    tls::TlsOutcome outcome;
    outcome.connection = std::move(*made);
    return outcome;
  }

  [[nodiscard]] tls::TlsFault fault() const override { return fault_; }

 private:
  Result<std::string> ciphers_;
  tls::TlsFault fault_ = tls::TlsFault::handshake;
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
