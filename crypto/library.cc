#include "crypto/library.h"

#include <openssl/crypto.h>

#include "crypto/digest.h"

namespace reqmail::crypto {

void prepare_library() {
  (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  // The first use of a provider sets up the rest of the library.
  (void)sha256({});
}

}  // namespace reqmail::crypto
