#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "base/wipe.h"
#include "tls/callbacks.h"
#include "tls/certificate.h"

namespace reqmail::tls {

namespace {

// The certificate alone is put in: the connection keeps the protocols, ciphers and client CAs
// of its context.
void use_certificate(SSL* connection, const Certificate& certificate) {
  SSL_certs_clear(connection);
  if (SSL_use_cert_and_key(connection, certificate.leaf.get(), certificate.key.get(),
                           certificate.chain.get(), 1) != 1) {
    ERR_clear_error();
  }
}

// An unknown name, and one whose file is of no use, get the certificate of the context: no
// alert, since old clients send names that nobody configured.
int choose_certificate(SSL* connection, int* /*alert*/, void* argument) {
  const auto& named = *static_cast<const NamedCertificates*>(argument);
  const char* asked = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (asked == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  const std::string name = base::lower(asked);
  if (!base::is_safe_name(name)) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  std::string text = named(name);
  const auto certificate = parse_certificate(name, text);
  base::wipe(text);
  if (!certificate) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  use_certificate(connection, *certificate);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void serve_names(SSL_CTX* context, const NamedCertificates& named) {
  // The library's macros for this cast in C's way.
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(choose_certificate));
  SSL_CTX_set_tlsext_servername_arg(context, const_cast<NamedCertificates*>(&named));
}

}  // namespace reqmail::tls
