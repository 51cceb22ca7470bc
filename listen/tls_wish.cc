#include "listen/tls_wish.h"

#include "base/number.h"
#include "base/text.h"
#include "listen/certificate_paths.h"
#include "sys/env.h"
#include "sys/file.h"

namespace reqmail::listen {

ListenerTlsWish listener_tls_wish() {
  const auto value = sys::environment_value("UCSPITLS");
  if (!value) {
    return ListenerTlsWish::unset;
  }
  if (*value == "-") {
    return ListenerTlsWish::off;
  }
  return *value == "!" || *value == "@" ? ListenerTlsWish::required : ListenerTlsWish::offered;
}

TlsChoices tls_choices() {
  return {sys::environment_value("TLSCIPHERS"), sys::environment_value("TLSMINVERSION")};
}

bool tls_is_disabled() {
  const auto value = sys::environment_value("DISABLETLS");
  return value && base::leading_number(*value).value_or(0) > 0;
}

bool tls_is_forbidden() {
  return tls_is_disabled() || listener_tls_wish() == ListenerTlsWish::off;
}

bool has_certificate(const std::string& home) {
  return sys::status(base::concat({home, home.empty() ? "" : "/", kServerCertificate}))
      .has_value();
}

}  // namespace reqmail::listen
