#include "crypto/library.h"

#include <openssl/crypto.h>

#include <string>
#include <string_view>

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"

namespace reqmail::crypto {

namespace {

// A public key of RSA with which nothing is signed.
constexpr std::string_view kSomeKey =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDX3QKNPZNogXF9rC1vo/4FCvXYWhiraGClb0DW"
    "A0GsQLYEhDp1QIW10kZP1VdGz7vgoX3shkycKjd5ATGbEyXKOBNyEQ7Zr/qRS91OA/1YsAGFpbA/"
    "b5K8KtZVKqMC/pTcFZ11DW86hCs0FHar+LPubsIbW4S6vzIVJssn4sZ0xwIDAQAB";

}  // namespace

void prepare_library() {
  (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  // The first use of a provider sets up the rest of the library.
  (void)sha256({});
}

void prepare_verification() {
  prepare_library();
  if (const auto key = PublicKey::rsa(base::decode_base64(kSomeKey).value_or(""))) {
    (void)key->verify({}, std::string(key->bits() / 8, 'x'));
  }
}

}  // namespace reqmail::crypto
