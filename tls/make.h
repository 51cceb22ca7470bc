// New keys, self-signed certificates, and requests to a CA.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::tls {

enum class KeyKind { ec_p256, ec_p384, rsa_2048, rsa_3072, rsa_4096 };

// In PEM; a secret, to be wiped.
Result<std::string> make_key(KeyKind kind);

struct Period {
  base::Time begins;
  base::Time ends;
};

// A certificate for a server (and a client) with these names, signed by its own key, in PEM.
// `names` are host names, perhaps with "*." in front, at least one; they must be valid.
Result<std::string> make_self_signed(const std::string& key,
                                     const std::vector<std::string>& names,
                                     const Period& period);

// A certificate signing request (PKCS #10) for the same, in PEM.
Result<std::string> make_request(const std::string& key, const std::vector<std::string>& names);

}  // namespace reqmail::tls
