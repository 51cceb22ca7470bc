#include "tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/wipe.h"
#include "sys/file.h"
#include "tls/callbacks.h"
#include "tls/certificate.h"
#include "tls/error.h"

namespace reqmail::tls {

// Lives on the heap: callbacks point into it.
struct Context::State {
  SSL_CTX* context = nullptr;
  std::string service;
  NamedCertificates named;
  std::string ticket_keys;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  ~State() {
    SSL_CTX_free(context);
    base::wipe(ticket_keys);
  }
};

namespace {

// What openssl.cnf may have switched on and nobody gets here.
constexpr std::uint64_t kForbidden =
    SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_ALLOW_CLIENT_RENEGOTIATION |
    SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_NO_DHE_KEX | SSL_OP_IGNORE_UNEXPECTED_EOF |
    SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
constexpr std::uint64_t kWanted = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                  SSL_OP_CLEANSE_PLAINTEXT;

// One list of names for both protocols: those of TLS 1.3 begin with TLS_.
Result<void> set_ciphers(SSL_CTX* context, std::string_view wanted,
                         std::string_view otherwise) {
  std::string suites;
  std::string list;
  for (const std::string_view name : base::split(wanted, ':')) {
    std::string& target = name.starts_with("TLS_") ? suites : list;
    if (!name.empty()) {
      target += base::concat({target.empty() ? "" : ":", name});
    }
  }
  if (list.empty()) {
    list = otherwise;
  }
  if (SSL_CTX_set_cipher_list(context, list.c_str()) != 1 ||
      (!suites.empty() && SSL_CTX_set_ciphersuites(context, suites.c_str()) != 1)) {
    return tls_failure("unable to set ciphers");
  }
  return {};
}

Result<void> set_certificate(SSL_CTX* context, const std::string& path) {
  const auto certificate = load_certificate(path);
  if (!certificate) {
    return certificate.error();
  }
  if (SSL_CTX_use_cert_and_key(context, certificate->leaf.get(), certificate->key.get(),
                               certificate->chain.get(), 1) != 1) {
    return tls_failure(base::concat({"unable to use ", path}));
  }
  return {};
}

Result<void> set_up(SSL_CTX* context) {
  SSL_CTX_clear_options(context, kForbidden);
  SSL_CTX_set_options(context, kWanted);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // An idle connection has no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_num_tickets(context, 0);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1) {
    return tls_failure("unable to set protocols");
  }
  return {};
}

// Prime groups for DHE suites, if a list has such, come from the library.
Result<void> set_up_server(SSL_CTX* context, const ServerSettings& settings) {
  if (auto done = set_up(context); !done) {
    return done;
  }
  bool liberal = settings.liberal;
  if (settings.oldest != OldestVersion::tls1_2) {
    liberal = true;
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_clear_options(context, SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1);
    const int version =
        settings.oldest == OldestVersion::tls1_0 ? TLS1_VERSION : TLS1_1_VERSION;
    if (SSL_CTX_set_min_proto_version(context, version) != 1) {
      return tls_failure("unable to set protocols");
    }
  }
  if (SSL_CTX_set_dh_auto(context, 1) != 1) {
    return tls_failure("unable to set DH parameters");
  }
  const auto* id = reinterpret_cast<const unsigned char*>(settings.service.data());
  SSL_CTX_set_session_id_context(context, id, static_cast<unsigned>(settings.service.size()));
  return set_ciphers(context, settings.ciphers,
                     liberal ? base::concat({kDefaultCiphers, ":", kLiberalCiphers})
                             : std::string(kDefaultCiphers));
}

// A client without a certificate, or with one that is worth nothing, is served like others; the
// connection knows the result.
int judge_client(X509_STORE_CTX* chain, void* /*unused*/) {
  if (X509_verify_cert(chain) != 1 && X509_STORE_CTX_get_error(chain) == X509_V_OK) {
    X509_STORE_CTX_set_error(chain, X509_V_ERR_UNSPECIFIED);
  }
  ERR_clear_error();
  return 1;
}

Result<void> ask_clients(SSL_CTX* context, const ServerSettings& settings) {
  const std::string& path = *settings.client_ca;
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(path.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, path.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return tls_failure(base::concat({"unable to load ", path}));
  }
  SSL_CTX_set_client_CA_list(context, names);
  if (settings.client_crl) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    if (X509_STORE_load_file(store, settings.client_crl->c_str()) != 1) {
      return tls_failure(base::concat({"unable to load ", *settings.client_crl}));
    }
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, judge_client, nullptr);
  return {};
}

Result<void> trust_directory(SSL_CTX* context, const ClientSettings& settings) {
  if (!settings.trusted_directory) {
    return {};
  }
  const std::string& path = *settings.trusted_directory;
  const int done = path.empty() ? SSL_CTX_set_default_verify_dir(context)
                                : SSL_CTX_load_verify_dir(context, path.c_str());
  return done == 1 ? Result<void>() : tls_failure(base::concat({"unable to load ", path}));
}

bool are_ticket_keys(const std::string& keys) {
  return !keys.empty() && keys.size() % kTicketKeySize == 0 &&
         keys.size() / kTicketKeySize <= kTicketKeysMax;
}

}  // namespace

Context::Context(std::shared_ptr<State> state) : state_(std::move(state)) {}

ssl_ctx_st* Context::get() const {
  return state_->context;
}

void Context::forget_ticket_keys() const {
  base::wipe(state_->ticket_keys);
}

std::string cipher_list(const std::vector<std::string>& lines) {
  std::string list;
  for (const std::string& line : lines) {
    list += base::concat({list.empty() ? "" : ":", line});
  }
  return list;
}

NamedCertificates certificates_below(const std::string& directory) {
  return [directory](const std::string& name) {
    auto text = sys::read_file(base::concat({directory, "/", name, "/servercert.pem"}),
                               kCertificateFileMax);
    return text ? std::move(*text) : std::string();
  };
}

Result<Context> Context::server(const ServerSettings& settings) {
  auto state = std::make_shared<State>();
  ERR_clear_error();
  state->context = SSL_CTX_new(TLS_server_method());
  if (state->context == nullptr) {
    return tls_failure("unable to start");
  }
  SSL_CTX* context = state->context;
  if (auto done = set_up_server(context, settings); !done) {
    return done.error();
  }
  if (auto done = set_certificate(context, settings.certificate); !done) {
    return done.error();
  }
  state->service = settings.service;
  serve_protocol(context, state->service);
  if (settings.client_ca) {
    if (auto done = ask_clients(context, settings); !done) {
      return done.error();
    }
  }
  if (settings.named) {
    state->named = settings.named;
    serve_names(context, state->named);
  }
  if (are_ticket_keys(settings.ticket_keys)) {
    state->ticket_keys = settings.ticket_keys;
    use_ticket_keys(context, state->ticket_keys);
  }
  return Context(std::move(state));
}

Result<Context> Context::client(const ClientSettings& settings) {
  auto state = std::make_shared<State>();
  ERR_clear_error();
  state->context = SSL_CTX_new(TLS_client_method());
  if (state->context == nullptr) {
    return tls_failure("unable to start");
  }
  SSL_CTX* context = state->context;
  if (auto done = set_up(context); !done) {
    return done.error();
  }
  if (auto done = set_ciphers(context, settings.ciphers, OSSL_default_cipher_list()); !done) {
    return done.error();
  }
  if (settings.trusted && SSL_CTX_load_verify_file(context, settings.trusted->c_str()) != 1) {
    return tls_failure(base::concat({"unable to load ", *settings.trusted}));
  }
  if (auto done = trust_directory(context, settings); !done) {
    return done.error();
  }
  if (settings.dane && SSL_CTX_dane_enable(context) != 1) {
    return tls_failure("unable to use TLSA records");
  }
  if (settings.certificate && !set_certificate(context, *settings.certificate)) {
    ERR_clear_error();
  }
  return Context(std::move(state));
}

}  // namespace reqmail::tls
