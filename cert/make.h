// qmail-cert make and request.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "tls/make.h"

namespace reqmail::cert {

inline constexpr unsigned kDaysDefault = 3650;
// Some libraries count time in 32 bits.
inline constexpr unsigned kDaysMax = 36500;

struct MakeOptions {
  std::string server;  // the name in control/servercerts; empty: control/servercert.pem
  std::vector<std::string> names;  // in the certificate, behind the name of the file
  tls::KeyKind key = tls::KeyKind::ec_p256;
  unsigned days = kDaysDefault;
  bool replace = false;
};

// Makes a key and a self-signed certificate and puts them in place. What to tell the user. A
// permanent Failure where there is a file already and `replace` is false.
Result<std::string> make_pair(const MakeOptions& options, base::Time now);

// A request for a certificate, made with the key that is in place, for the names of its
// certificate and of `options`: PEM. Of the options, server and names count.
Result<std::string> make_request(const MakeOptions& options);

// What to do with an ACME client, in words.
std::string acme_text(const std::string& home);

}  // namespace reqmail::cert
