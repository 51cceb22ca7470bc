// The certificates that this host shows to those who send it mail.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/tlsa_record.h"
#include "tls/tlsa.h"

namespace reqmail::dnscheck {

struct ServerCertificate {
  // Below qmail's home.
  std::string path;
  // The server's own certificate, then those of the authorities that it is signed by, as far
  // as they are in the file and valid now. Not empty.
  std::vector<tls::CertificateBytes> chain;
  // The names in the server's own certificate, in lower case.
  std::vector<std::string> names;
};

struct ServerCertificates {
  // control/servercert.pem
  std::optional<ServerCertificate> usual;
  // control/servercerts/NAME/servercert.pem, by NAME.
  std::map<std::string, ServerCertificate> named;
  // Why `usual` is not known, although there is such a file; empty otherwise.
  std::string trouble;

  // Returns the certificate for a client that asks for this name; null if there is none.
  [[nodiscard]] const ServerCertificate* find(const std::string& name) const;
};

// Reads control/ in the current directory, which is qmail's home. A file in servercerts that a
// server could not use is left out, since the server shows its usual certificate then.
ServerCertificates read_server_certificates(base::Time now);

// Returns whether a sender that looks for `host` finds that the record describes the
// certificate (RFC 7672 section 3.1): usage 3 is the server's own, usage 2 that of an authority
// in its chain, and then the certificate must be for that name.
bool describes(const base::TlsaRecord& record, const ServerCertificate& certificate,
               std::string_view host);

}  // namespace reqmail::dnscheck
