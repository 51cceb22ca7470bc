#include "tls/connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "sys/clock.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "tls/error.h"
#include "tls/wire.h"

namespace reqmail::tls {

struct Connection::State {
  Context context;
  Wire wire;
  Handle<BIO_METHOD> method;
  SSL* ssl = nullptr;
  bool broken = false;  // nothing may be said any more

  State(Context shared, int input, int output)
      : context(std::move(shared)), wire(input, output) {}

  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  ~State() { SSL_free(ssl); }

  // What came of a call that moves bytes without waiting.
  Result<Moved> moved(int result) {
    Moved found;
    if (result > 0) {
      found.count = static_cast<std::size_t>(result);
      return found;
    }
    const int kind = SSL_get_error(ssl, result);
    found.ended = kind == SSL_ERROR_ZERO_RETURN;
    found.needs_input = kind == SSL_ERROR_WANT_READ;
    found.needs_output = kind == SSL_ERROR_WANT_WRITE;
    if (found.ended || found.needs_input || found.needs_output) {
      return found;
    }
    broken = true;
    auto failure = failure_of(result);
    return failure ? *failure : sys::system_failure("TLS", EPROTO);
  }

  // What a call that returned `result` failed with; absent after a proper end of the
  // connection.
  std::optional<Failure> failure_of(int result) {
    const int kind = SSL_get_error(ssl, result);
    if (kind == SSL_ERROR_ZERO_RETURN) {
      return std::nullopt;
    }
    broken = kind != SSL_ERROR_WANT_READ;
    if (wire.error != 0) {
      ERR_clear_error();
      return sys::system_failure("TLS", wire.error);
    }
    if (kind == SSL_ERROR_SYSCALL && ERR_peek_error() == 0) {
      return temporary("TLS: connection closed", EPROTO);
    }
    return tls_failure("TLS", EPROTO);
  }
};

namespace {

// What one record carries. No more is written at once, so that a peer that takes it slowly is
// seen to take it.
constexpr std::size_t kRecordSize = std::size_t{16} << 10;

// The e-mail addresses in a name; one with a NUL inside is none.
std::vector<std::string> addresses_of(const X509_NAME* name) {
  std::vector<std::string> found;
  int at = -1;
  while ((at = X509_NAME_get_index_by_NID(name, NID_pkcs9_emailAddress, at)) >= 0) {
    unsigned char* bytes = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) {
      continue;
    }
    std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    if (text.find('\0') == std::string::npos) {
      found.push_back(std::move(text));
    }
  }
  ERR_clear_error();
  return found;
}

}  // namespace

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection::State>> Connection::prepare(const Context& context,
                                                               int input, int output,
                                                               const TimeLimits& limits) {
  auto state = std::make_unique<State>(context, input, output);
  const auto handshake = sys::monotonic() + std::chrono::milliseconds(limits.handshake);
  state->wire.clear.stop_at(limits.end ? std::min(handshake, *limits.end) : handshake);
  ERR_clear_error();
  state->method = make_wire_method();
  state->ssl = SSL_new(context.get());
  if (!state->method || state->ssl == nullptr) {
    return tls_failure("unable to start");
  }
  Handle<BIO> bio = make_wire_bio(state->method.get(), state->wire);
  if (!bio) {
    return tls_failure("unable to start");
  }
  BIO* both = bio.release();
  SSL_set_bio(state->ssl, both, both);
  SSL_set_read_ahead(state->ssl, 1);
  return Result<std::unique_ptr<State>>(std::move(state));
}

Result<std::unique_ptr<Connection>> Connection::shake_hands(std::unique_ptr<State> state,
                                                            const TimeLimits& limits) {
  if (const int result = SSL_do_handshake(state->ssl); result != 1) {
    auto failure = state->failure_of(result);
    return failure ? *failure : temporary("connection closed", EPROTO);
  }
  state->wire.clear.wait_at_most(limits.each);
  state->wire.clear.stop_at(limits.end.value_or(std::chrono::milliseconds::max()));
  return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

Result<std::unique_ptr<Connection>> Connection::accept(const Context& context, int input,
                                                       int output, const TimeLimits& limits) {
  auto state = prepare(context, input, output, limits);
  if (!state) {
    return state.error();
  }
  SSL_set_accept_state((*state)->ssl);
  return shake_hands(std::move(*state), limits);
}

Result<std::unique_ptr<Connection>> Connection::connect(const Context& context,
                                                        const std::string& name, int input,
                                                        int output, const TimeLimits& limits) {
  auto state = prepare(context, input, output, limits);
  if (!state) {
    return state.error();
  }
  if (!name.empty() &&
      SSL_ctrl((*state)->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(name.c_str())) != 1) {
    return tls_failure("unable to ask for the name");
  }
  SSL_set_connect_state((*state)->ssl);
  return shake_hands(std::move(*state), limits);
}

namespace {

// Records that OpenSSL does not take, such as a key that is none, count as records that do not
// match.
bool set_dane(SSL* ssl, const std::string& name, const std::vector<base::TlsaRecord>& tlsa,
              const std::vector<std::string>& other_names) {
  if (SSL_dane_enable(ssl, name.c_str()) != 1) {
    return false;
  }
  SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  for (const std::string& other : other_names) {
    (void)SSL_add1_host(ssl, other.c_str());
  }
  for (const base::TlsaRecord& record : tlsa) {
    (void)SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching,
                            reinterpret_cast<const unsigned char*>(record.data.data()),
                            record.data.size());
  }
  ERR_clear_error();
  return true;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::connect(
    const Context& context, const std::string& name, const std::vector<base::TlsaRecord>& tlsa,
    const std::vector<std::string>& other_names, int input, int output,
    const TimeLimits& limits) {
  auto state = prepare(context, input, output, limits);
  if (!state) {
    return state.error();
  }
  if (!set_dane((*state)->ssl, name, tlsa, other_names)) {
    return tls_failure("unable to use TLSA records");
  }
  SSL_set_connect_state((*state)->ssl);
  return shake_hands(std::move(*state), limits);
}

Result<std::size_t> Connection::read(char* buffer, std::size_t size) {
  ERR_clear_error();
  state_->wire.error = 0;
  const int wanted = static_cast<int>(std::min<std::size_t>(size, INT_MAX));
  const int count = SSL_read(state_->ssl, buffer, wanted);
  if (count > 0) {
    return static_cast<std::size_t>(count);
  }
  if (auto failure = state_->failure_of(count)) {
    return *failure;
  }
  return std::size_t{0};
}

Result<std::size_t> Connection::write_some(std::string_view bytes) {
  if (state_->broken) {
    return sys::system_failure("TLS", EPIPE);
  }
  ERR_clear_error();
  state_->wire.error = 0;
  const int wanted = static_cast<int>(std::min(bytes.size(), kRecordSize));
  const int count = SSL_write(state_->ssl, bytes.data(), wanted);
  if (count > 0) {
    return static_cast<std::size_t>(count);
  }
  auto failure = state_->failure_of(count);
  return failure ? *failure : sys::system_failure("TLS", EPIPE);
}

void Connection::stop_at(std::chrono::milliseconds end) {
  state_->wire.clear.stop_at(end);
}

void Connection::rest_in_silence() {
  state_->wire.clear.rest_in_silence();
}

void Connection::close() {
  if (!state_->broken) {
    ERR_clear_error();
    (void)SSL_shutdown(state_->ssl);
    ERR_clear_error();
  }
}

void Connection::stop_waiting() {
  state_->wire.waits = false;
  sys::set_nonblocking(input());
  sys::set_nonblocking(output());
  // Else a write that was put off must come again from the same place and whole.
  SSL_set_mode(state_->ssl,
               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

void Connection::wait_again() {
  state_->wire.waits = true;
  sys::set_blocking(input());
  sys::set_blocking(output());
}

Result<Moved> Connection::try_read(char* buffer, std::size_t size) {
  ERR_clear_error();
  state_->wire.error = 0;
  return state_->moved(SSL_read(state_->ssl, buffer, static_cast<int>(size)));
}

Result<Moved> Connection::try_write(std::string_view bytes) {
  if (state_->broken) {
    return sys::system_failure("TLS", EPIPE);
  }
  ERR_clear_error();
  state_->wire.error = 0;
  return state_->moved(SSL_write(state_->ssl, bytes.data(), static_cast<int>(bytes.size())));
}

int Connection::input() const {
  return state_->wire.clear.input();
}

int Connection::output() const {
  return state_->wire.clear.output();
}

bool Connection::holds_unread() const {
  return SSL_has_pending(state_->ssl) != 0;
}

std::optional<sys::TlsFacts> Connection::tls() const {
  return sys::TlsFacts{SSL_get_cipher_name(state_->ssl)};
}

std::string Connection::version() const {
  return SSL_get_version(state_->ssl);
}

PeerCertificate Connection::peer() const {
  PeerCertificate found;
  const X509* certificate = SSL_get0_peer_certificate(state_->ssl);
  if (certificate == nullptr) {
    found.verify_error = "";
    return found;
  }
  if (const long result = SSL_get_verify_result(state_->ssl); result != X509_V_OK) {
    found.verify_error = X509_verify_cert_error_string(result);
    return found;
  }
  found.addresses = addresses_of(X509_get_subject_name(certificate));
  return found;
}

ssl_st* Connection::get() const {
  return state_->ssl;
}

}  // namespace reqmail::tls
