#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "tls/callbacks.h"
#include "tls/certificate.h"

namespace reqmail::tls {

namespace {

constexpr std::size_t kNameMax = 255;  // of a host name

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
  const auto& directory = *static_cast<const std::string*>(argument);
  const char* asked = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (asked == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  const std::string name = base::lower(asked);
  if (!is_safe_name(name)) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  const auto certificate =
      load_certificate(base::concat({directory, "/", name, "/servercert.pem"}));
  if (!certificate) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  use_certificate(connection, *certificate);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

bool is_safe_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

void serve_names(SSL_CTX* context, const std::string& directory) {
  // The library's macros for this cast in C's way.
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(choose_certificate));
  SSL_CTX_set_tlsext_servername_arg(context, const_cast<std::string*>(&directory));
}

}  // namespace reqmail::tls
