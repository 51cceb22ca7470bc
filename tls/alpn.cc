#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include "tls/callbacks.h"

namespace reqmail::tls {

namespace {

// Each name has its length in front, in one byte.
int choose_protocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* argument) {
  const auto& service = *static_cast<const std::string*>(argument);
  const std::string_view names(reinterpret_cast<const char*>(offered), offered_size);
  for (std::size_t at = 0; at < names.size();) {
    const auto length = static_cast<unsigned char>(names[at]);
    const std::string_view name = names.substr(at + 1, length);
    if (name == service) {
      *chosen = offered + at + 1;
      *size = length;
      return SSL_TLSEXT_ERR_OK;
    }
    at += 1U + length;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

void serve_protocol(SSL_CTX* context, const std::string& service) {
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, const_cast<std::string*>(&service));
}

}  // namespace reqmail::tls
