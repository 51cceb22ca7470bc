// The record of a DKIM key (RFC 6376 section 3.6.1, RFC 8463).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/dkim_signature.h"

namespace reqmail::auth822 {

struct DkimKey {
  SignatureAlgorithm algorithm = SignatureAlgorithm::rsa_sha256;
  // RSA: a SubjectPublicKeyInfo or RSAPublicKey in DER. Ed25519: 32 bytes.
  std::string bytes;
  // t=y: the domain tries DKIM out.
  bool testing = false;
};

// A key that fits the signature, or why there is none.
struct DkimKeyFound {
  std::optional<DkimKey> key;
  std::string problem;
};

// Takes the first record that is one of a key.
DkimKeyFound find_dkim_key(const std::vector<std::string>& records,
                           const DkimSignature& signature);

}  // namespace reqmail::auth822
