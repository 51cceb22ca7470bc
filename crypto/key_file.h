// The file of a private key.
#pragma once

#include <string>

#include "base/result.h"
#include "crypto/private_key.h"

namespace reqmail::crypto {

// Returns the key in a file in PEM: RSA with 1024 to 8192 bits, or Ed25519. The file must be a
// regular one that belongs to root or to the user of this process, and that no other user but
// those of its group can read or write: a key that strangers know proves nothing. The Failure,
// which is temporary, has the text "PATH: why".
Result<PrivateKey> read_private_key(const std::string& path);

}  // namespace reqmail::crypto
