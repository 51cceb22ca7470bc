// What the operator wants of TLS, as variables of the environment and files say it.
#pragma once

#include <optional>
#include <string>

namespace reqmail::listen {

// What UCSPITLS says of a listener that speaks TLS for its programs when they ask for it: it is
// unset, "-", "!" or "@" (which has to do with certificates of clients that only the listener
// sees), or anything else.
enum class ListenerTlsWish { unset, off, required, offered };

ListenerTlsWish listener_tls_wish();

// DISABLETLS is a number above 0.
bool tls_is_disabled();

// DISABLETLS or UCSPITLS forbids TLS.
bool tls_is_forbidden();

// What the environment says in the place of control files.
struct TlsChoices {
  std::optional<std::string> ciphers;         // TLSCIPHERS: of tlsserverciphers
  std::optional<std::string> oldest_version;  // TLSMINVERSION: of tlsminversion, unless empty

  friend bool operator==(const TlsChoices& one, const TlsChoices& other) = default;
};

TlsChoices tls_choices();

// Whether control/servercert.pem exists: it may come and go while a server runs. `home` is
// qmail's home, or empty if that is the current directory.
bool has_certificate(const std::string& home = {});

}  // namespace reqmail::listen
