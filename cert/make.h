// The work of qmail-cert make and qmail-cert request.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "tls/make.h"

namespace reqmail::cert {

inline constexpr unsigned kDaysDefault = 3650;
// The longest validity in days, since some libraries have 32-bit times.
inline constexpr unsigned kDaysMax = 36500;

struct MakeOptions {
  std::string server;  // the name in control/servercerts; empty means control/servercert.pem
  std::vector<std::string> names;  // the names in the certificate after the name of the file
  tls::KeyKind key = tls::KeyKind::ec_p256;
  unsigned days = kDaysDefault;
  bool replace = false;
};

// Makes a key and a self-signed certificate, installs them, and returns a text for the user. It
// is a permanent Failure if there is a file already and `replace` is false.
Result<std::string> make_pair(const MakeOptions& options, base::Time now);

// Returns a certificate request in PEM, made with the installed key, for the names of its
// certificate and those of `options`. Only server and names of the options are used.
Result<std::string> make_request(const MakeOptions& options);

// Returns a text about the use of an ACME client.
std::string acme_text(const std::string& home);

}  // namespace reqmail::cert
